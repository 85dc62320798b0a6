import { serve } from "../rpc/index.ts";
import { provider } from "./provider.ts";

await serve(provider);
