import type { Connections } from "../ssh/index.ts";

/** What all resources of this process share. */
export interface Workplace {
  connections: Connections;
}
