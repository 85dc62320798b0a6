import type { SshTarget } from "../../ssh/index.ts";

/** A connection as programs give it. */
export interface Connection {
  host: string;
  port: number;
  user: string;
  privateKey: string;
  hostKey?: string | undefined;
  /** A machine to go through. */
  proxy?: Connection | undefined;
}

export function targetOf({ hostKey, proxy, ...login }: Connection): SshTarget {
  return {
    ...login,
    ...(hostKey === undefined ? {} : { hostKey }),
    ...(proxy === undefined ? {} : { proxy: targetOf(proxy) }),
  };
}
