/** Which parts of a connection a message may show. */
import type { Path } from "../rpc/index.ts";

/**
 * A connection is a secret as a whole; without these no message could name the machine.
 * @param connection where it stands in the inputs
 */
export function shownOf(...connection: Path): Path[] {
  return [connection, [...connection, "proxy"]].flatMap((path) =>
    ["host", "user", "hostKey"].map((part) => [...path, part]),
  );
}
