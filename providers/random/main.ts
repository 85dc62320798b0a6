import { serve } from "../rpc/index.ts";
import { randomProvider } from "./provider.ts";

await serve(randomProvider);
