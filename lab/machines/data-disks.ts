/** Data disks: image files beside the machines, and the file that says which ones a machine has. */
import { existsSync, readFileSync, watch } from "node:fs";
import { mkdir, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { DataDisk, LayerId } from "./driver.ts";
import type { Layers } from "./layers.ts";
import type { MachinePaths } from "./supervised.ts";

/** Name in the guest ("vdb") -> image. */
export type Disks = Record<string, string>;

function dataDiskImage(home: string, volumeId: string): string {
  return join(home, "volumes", `${volumeId}.raw`);
}

/**
 * One that is there keeps what it holds, and gets larger.
 * @param size bytes
 */
export async function makeDataDisk(
  home: string,
  layers: Layers,
  volumeId: string,
  holds: readonly LayerId[],
  size: number,
): Promise<void> {
  const image = dataDiskImage(home, volumeId);
  if (existsSync(image)) {
    if ((await stat(image)).size < size) await truncate(image, size);
    return;
  }
  await mkdir(dirname(image), { recursive: true, mode: 0o700 });
  if (holds.length > 0) {
    await layers.pack(holds, size, image, "raw");
    return;
  }
  await writeFile(`${image}.new`, "");
  await truncate(`${image}.new`, size);
  await rename(`${image}.new`, image);
}

export async function removeDataDisk(home: string, volumeId: string): Promise<void> {
  await rm(dataDiskImage(home, volumeId), { force: true });
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

/** The file that a machine's supervisor reads. */
export function dataDisksFile({ folder }: MachinePaths): string {
  return join(folder, "data-disks.json");
}

export async function tellDisks(machine: MachinePaths, disks: Disks): Promise<void> {
  const path = dataDisksFile(machine);
  // One that was never started has no folder yet.
  await mkdir(machine.folder, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.next`, JSON.stringify(disks));
  await rename(`${path}.next`, path);
}

/** Resolves when the supervisor has shown the disks to its guest. */
export async function disksShown(machine: MachinePaths, disks: Disks, signal: AbortSignal): Promise<void> {
  const shown = `${dataDisksFile(machine)}.shown`;
  const settled = () =>
    existsSync(shown) && isDeepStrictEqual(JSON.parse(readFileSync(shown, "utf8")) as Disks, disks);
  const watcher = watch(dirname(shown), { signal });
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
