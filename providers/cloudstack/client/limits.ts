/** How much a provider asks of a server at a time. */
import { setTimeout as delay } from "node:timers/promises";
import type { Transport } from "./transport.ts";

export interface Limits {
  /** Requests under way at once. */
  concurrent: number;
  /** Requests begun in a second; undefined for any number. */
  perSecond: number | undefined;
}

/** Requests beyond a limit wait for their turn, in the order in which they came. */
export function limited(transport: Transport, { concurrent, perSecond }: Limits): Transport {
  const waiting: (() => void)[] = [];
  let under = 0;
  let next = 0;
  const enter = async (signal: AbortSignal) => {
    if (under < concurrent) under++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    if (perSecond === undefined) return;
    const now = performance.now();
    const turn = Math.max(now, next);
    next = turn + 1000 / perSecond;
    if (turn > now) await delay(turn - now, undefined, { signal });
  };
  // The place goes to the next one, so that nobody who comes in the same moment takes it first.
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else under--;
  };
  return {
    async send(request) {
      await enter(request.signal).catch((error) => {
        leave();
        throw error;
      });
      try {
        return await transport.send(request);
      } finally {
        leave();
      }
    },
  };
}
