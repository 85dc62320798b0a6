/**
 * The engine writes an encryption salt into a stack's file the first time it opens the stack. The salt only serves
 * secrets that stand in that file (state carries its own), belongs to this clone's passphrase, and would lock other
 * clones out if it were committed. So where the file holds no secret, it is put back as it was.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";

/** Runs `work` and then takes an unneeded salt out of the stack's file again. */
export async function keepingStackFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  const before = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  try {
    return await work();
  } finally {
    if (before !== undefined && existsSync(file)) {
      const after = readFileSync(file, "utf8");
      if (onlySaltAdded(before, after)) writeFileSync(file, before);
    }
  }
}

export function onlySaltAdded(before: string, after: string): boolean {
  if (before === after || after.includes("secure:")) return false;
  const { encryptionsalt: salt, ...rest } = parse(after) as Record<string, unknown>;
  return salt !== undefined && isDeepStrictEqual(rest, parse(before) ?? {});
}
