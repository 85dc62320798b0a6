/** Data disks: image files beside the machines, and the file that tells a machine's supervisor which ones it has. */
import { existsSync, readFileSync, watch } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { DataDisk } from "../driver.ts";

/** Name in the guest ("vdb") -> image. */
type Disks = Record<string, string>;

export function dataDiskImage(home: string, volumeId: string): string {
  return join(home, "volumes", `${volumeId}.raw`);
}

export async function folderOfDataDisks(home: string): Promise<void> {
  await mkdir(join(home, "volumes"), { recursive: true, mode: 0o700 });
}

export function disksOf(home: string, disks: readonly DataDisk[]): Disks {
  return Object.fromEntries(
    disks.map(({ volumeId, deviceId }) => [nameOf(deviceId), dataDiskImage(home, volumeId)]),
  );
}

/** Place 1 is vdb: the first is the root disk's. */
function nameOf(deviceId: number): string {
  return `vd${String.fromCharCode("a".charCodeAt(0) + deviceId)}`;
}

/** @param path the supervisor's file */
export async function tellDisks(path: string, disks: Disks): Promise<void> {
  await writeFile(`${path}.next`, JSON.stringify(disks));
  await rename(`${path}.next`, path);
}

/** Resolves when the supervisor has shown the disks to its guest. */
export async function disksShown(path: string, disks: Disks, signal: AbortSignal): Promise<void> {
  const shown = `${path}.shown`;
  const settled = () =>
    existsSync(shown) && isDeepStrictEqual(JSON.parse(readFileSync(shown, "utf8")) as Disks, disks);
  const watcher = watch(dirname(path), { signal });
  try {
    if (settled()) return;
    await new Promise<void>((resolve, reject) => {
      watcher.on("change", (_, name) => {
        if (name === basename(shown) && settled()) resolve();
      });
      watcher.on("error", reject);
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
  } finally {
    watcher.close();
  }
}

export async function removeDataDisk(home: string, volumeId: string): Promise<void> {
  await rm(dataDiskImage(home, volumeId), { force: true });
}
