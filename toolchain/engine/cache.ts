/** Folders in the shared cache: named after the digest of their inputs, whole or not there at all. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { withLock } from "../lock.ts";

/** Digest of named inputs; any moved name or value moves the key. */
export function keyOf(inputs: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex").slice(0, 24);
}

/**
 * Makes `folder` once: `make` fills a temporary neighbour, which is renamed into place. Of several processes that ask
 * at the same time, one makes it and the others wait.
 * @returns whether it was made now
 */
export async function makeOnce(
  folder: string,
  make: (temporary: string) => Promise<void>,
  onWait?: () => void,
): Promise<boolean> {
  if (existsSync(folder)) return false;
  mkdirSync(dirname(folder), { recursive: true });
  return withLock(
    `${folder}.lock`,
    async () => {
      if (existsSync(folder)) return false;
      const temporary = mkdtempSync(`${folder}.making-`);
      try {
        await make(temporary);
        renameSync(temporary, folder);
        return true;
      } finally {
        rmSync(temporary, { recursive: true, force: true });
      }
    },
    onWait,
  );
}
