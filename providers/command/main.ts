import { serve } from "../rpc/index.ts";
import { commandProvider } from "./provider.ts";

await serve(commandProvider);
