import { join } from "node:path";
import { serve } from "../rpc/index.ts";
import { guestProvider } from "./provider.ts";

await serve(guestProvider(join(import.meta.dirname, "..", "..")));
