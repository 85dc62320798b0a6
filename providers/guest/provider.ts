/** The guest provider: its package, its resources, and what they share. */
import type { Provider } from "../rpc/index.ts";
import { Connections } from "../ssh/index.ts";
import { handlerOf, type Workplace } from "./handler.ts";
import { acts, schema } from "./schema.ts";

/** @param root the project's folder, from which paths in inputs count */
export function guestProvider(root: string): Provider<Workplace> {
  return {
    schema,
    resources: acts.map(handlerOf),
    configure: () => ({ connections: new Connections(), root }),
  };
}
