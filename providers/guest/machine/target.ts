import type { SshTarget } from "../../ssh/index.ts";

/** A connection as programs give it. */
export interface Connection {
  host: string;
  port: number;
  user: string;
  privateKey: string;
  hostKey?: string | undefined;
}

export function targetOf({ hostKey, ...login }: Connection): SshTarget {
  return { ...login, ...(hostKey === undefined ? {} : { hostKey }) };
}
