/** Data disks of a running QEMU: plugged and unplugged as on hardware, with the guest's help. */
import { basename } from "node:path";
import { setTimeout } from "node:timers/promises";
import { LabProblem } from "../../errors.ts";
import type { Disks } from "../data-disks.ts";
import { type Monitor, withMonitor } from "./monitor.ts";

/** A guest that runs lets go of a disk within moments; one that is still in its firmware does not hear of it. */
const unplugSeconds = 30;

const prefix = "volume-";

/** Of a disk among the machine's devices; QEMU takes 31 characters. As in programs/qemu.py. */
function driveName(image: string): string {
  return `${prefix}${basename(image).slice(0, 23)}`;
}

export async function plugDisks(socketPath: string, disks: Disks): Promise<void> {
  const images = new Map(Object.values(disks).map((image) => [driveName(image), image]));
  await withMonitor(socketPath, async (monitor) => {
    const there = await pluggedDisks(monitor);
    for (const name of there) if (!images.has(name)) await unplug(monitor, name);
    for (const [name, image] of images) if (!there.includes(name)) await plug(monitor, name, image);
  });
}

async function pluggedDisks(monitor: Monitor): Promise<string[]> {
  const devices = (await monitor.tell("qom-list", { path: "/machine/peripheral" })) as { name: string }[];
  return devices.map(({ name }) => name).filter((name) => name.startsWith(prefix));
}

async function plug(monitor: Monitor, name: string, image: string): Promise<void> {
  const file = { driver: "file", filename: image };
  await monitor.tell("blockdev-add", { driver: "raw", "node-name": name, discard: "unmap", file });
  try {
    await monitor.tell("device_add", { driver: "virtio-blk-pci", id: name, drive: name });
  } catch (error) {
    await monitor.tell("blockdev-del", { "node-name": name });
    throw error;
  }
}

async function unplug(monitor: Monitor, name: string): Promise<void> {
  const gone = monitor.happens("DEVICE_DELETED", ({ device }) => device === name);
  const limit = new AbortController();
  const late = setTimeout(unplugSeconds * 1000, true, { signal: limit.signal }).catch(() => false);
  const unplugged = Promise.all([gone, monitor.tell("device_del", { id: name })]);
  try {
    if ((await Promise.race([unplugged, late])) === true) {
      throw new LabProblem(
        "the machine keeps the data disk",
        `its guest did not let go of it within ${unplugSeconds} s`,
        "stop the machine, or ask again when its guest has started",
      );
    }
  } finally {
    limit.abort();
  }
  await monitor.tell("blockdev-del", { "node-name": name });
}
