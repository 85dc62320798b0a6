/**
 * Machines as systemd-nspawn containers with disks of their own. A disk is a sparse ext4 image of the root disk's size
 * that holds the machine's changes over immutable layers, so a guest that fills its disk fills nothing else. Each
 * machine has a supervisor with its own mount namespace: it outlives the lab, and no mount outlives it.
 */
import { existsSync, mkdirSync } from "node:fs";
import { rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LabProblem } from "../../errors.ts";
import { host } from "../../host.ts";
import { plug, unplug } from "../../network/plug.ts";
import type { Runner } from "../by-hypervisor.ts";
import { cgroupFolders, makeCgroups, removeCgroups } from "../cgroups.ts";
import { dataDisksFile, disksOf, disksShown, tellDisks } from "../data-disks.ts";
import type { FrozenLayer } from "../driver.ts";
import type { Layers } from "../layers.ts";
import {
  lastLines,
  machinePaths,
  pullPlug,
  runningOf,
  signal,
  supervise,
  supervisedMachines,
  whenGone,
} from "../supervised.ts";

/** SIGRTMIN+4: systemd as init powers off. */
const powerOff = 38;

export function createNspawnRunner(home: string, machines: string, layers: Layers): Runner {
  const paths = (id: string) => machinePaths(join(machines, id), "disk.ext4");

  /** A supervisor takes away what its machine had on the host; one that was killed could not. */
  async function clear(id: string): Promise<void> {
    await removeCgroups(cgroupFolders(home, id));
    await unplug(home, id);
    await rm(paths(id).running, { force: true });
  }

  return {
    ...supervisedMachines(paths, clear),

    async create(spec) {
      const { folder, disk } = paths(spec.id);
      if (existsSync(disk)) {
        if (!runningOf(paths(spec.id))) await growDisk(disk, spec.rootDiskGiB);
        return;
      }
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await makeDisk(disk, spec.rootDiskGiB);
    },

    async start(spec) {
      const own = paths(spec.id);
      if (!existsSync(own.disk)) throw new Error(`machine ${spec.name} has no disk`);
      if (runningOf(own)) return;
      if (spec.nics.length === 0) throw new Error(`machine ${spec.name} has no network card`);
      await clear(spec.id);
      const namespace = await plug(home, spec.id, spec.nics);
      const groups = cgroupFolders(home, spec.id);
      makeCgroups(groups, spec);
      await supervise("nspawn.py", spec.name, own, {
        disk: own.disk,
        lowers: layers.stack(spec.layers),
        namespace,
        cpus: spec.cpu,
        memory: spec.memoryMiB,
        groups,
        disks: dataDisksFile(own),
      });
    },

    async stop(id, graceSeconds) {
      const running = runningOf(paths(id));
      if (running) {
        const gone = whenGone(paths(id), running, graceSeconds);
        if (running.leader) signal(running.leader, powerOff);
        if (!(await gone)) await pullPlug(paths(id), running);
      }
      await clear(id);
    },

    async freeze(spec, layer): Promise<FrozenLayer> {
      const { disk } = paths(spec.id);
      const frozen = layers.path(layer);
      if (runningOf(paths(spec.id))) throw new Error(`machine ${spec.name} runs`);
      if (!existsSync(frozen)) {
        await host("fsck.ext4", ["-p", disk]);
        // Made first: a host without room for it must not cost the machine its contents.
        const fresh = `${disk}.fresh`;
        await makeDisk(fresh, spec.rootDiskGiB);
        await rename(disk, frozen);
        await rename(fresh, disk);
      }
      // Killed between the two renames the machine has no disk, but its layer is whole.
      if (!existsSync(disk)) await makeDisk(disk, spec.rootDiskGiB);
      return {
        virtualSize: spec.rootDiskGiB * 1024 ** 3,
        physicalSize: await layers.physicalSize(layer),
      };
    },

    async showDataDisks(id, given) {
      const own = paths(id);
      const disks = disksOf(home, given);
      await tellDisks(own, disks);
      const running = runningOf(own);
      if (!running) return;
      const shown = disksShown(own, disks, AbortSignal.timeout(30_000));
      signal(running.supervisor, "SIGHUP");
      await shown;
    },

    async enter(id) {
      const running = runningOf(paths(id));
      if (!running?.leader)
        throw new LabProblem(`no shell in machine ${id}`, "it does not run", "npm run lab -- status");
      return [
        "nsenter",
        "--target",
        String(running.leader.pid),
        "--all",
        "--",
        "env",
        "--chdir=/root",
        "-i",
        "HOME=/root",
        "TERM=xterm",
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      ];
    },

    consoleTail: async (id, lines) => lastLines(paths(id).screen, lines),
  };
}

/** Killed in the middle, the file is longer than what is in it, and the next call goes on. */
async function growDisk(path: string, sizeGiB: number): Promise<void> {
  const wanted = sizeGiB * 1024 ** 3;
  const { size } = await stat(path);
  const marker = `${path}.growing`;
  if (size >= wanted && !existsSync(marker)) return;
  await writeFile(marker, "");
  if (size < wanted) await truncate(path, wanted);
  await host("e2fsck", ["-f", "-p", path]);
  await host("resize2fs", [path]);
  await rm(marker);
}

/** A sparse image that takes a moment whatever its size: tables are written when they are needed. */
async function makeDisk(path: string, sizeGiB: number): Promise<void> {
  const fresh = `${path}.new`;
  await rm(fresh, { force: true });
  try {
    await writeFile(fresh, "");
    await truncate(fresh, sizeGiB * 1024 ** 3);
    await host("mkfs.ext4", [
      "-q",
      "-F",
      "-m",
      "0",
      "-i",
      "65536",
      "-O",
      "^resize_inode",
      "-E",
      "lazy_itable_init=1,lazy_journal_init=1,nodiscard",
      fresh,
    ]);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  await rename(fresh, path);
}
