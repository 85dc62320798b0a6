import { serve } from "../rpc/index.ts";
import { provider } from "./provider.ts";

void serve(provider);
