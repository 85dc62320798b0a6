/** Draws without bias. Every draw comes from a source of bytes: the system's generator, or a stream made of a seed. */
import { createHash, randomBytes } from "node:crypto";

export type Source = (count: number) => Buffer;

export const systemSource: Source = (count) => randomBytes(count);

/**
 * The same bytes for the same seed, in every run and on every machine. They are not the ones that another program makes
 * of that seed.
 */
export function seededSource(seed: string): Source {
  let block = 0;
  let pending = Buffer.alloc(0);
  return (count) => {
    while (pending.length < count) {
      const next = createHash("sha256").update(`${block}:${seed}`).digest();
      pending = Buffer.concat([pending, next]);
      block++;
    }
    const taken = pending.subarray(0, count);
    pending = pending.subarray(count);
    return taken;
  };
}

/** A whole number from 0 to limit - 1. What would favour small numbers is thrown away, and drawn again. */
export function below(limit: bigint, source: Source): bigint {
  if (limit < 1n) throw new RangeError(`cannot draw below ${limit}`);
  const bits = (limit - 1n).toString(2).length;
  const bytes = Math.ceil(bits / 8);
  const mask = (1n << BigInt(bits)) - 1n;
  for (;;) {
    const drawn = BigInt(`0x${source(bytes).toString("hex")}`) & mask;
    if (drawn < limit) return drawn;
  }
}

export function pick<T>(items: readonly T[], source: Source): T {
  return items[Number(below(BigInt(items.length), source))] as T;
}

/** Every order is as likely as every other. */
export function shuffled<T>(items: readonly T[], source: Source): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Number(below(BigInt(last + 1), source));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
