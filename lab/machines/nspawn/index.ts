/**
 * Machines as systemd-nspawn containers with disks of their own. A disk is a sparse ext4 image of the root disk's size
 * that holds the machine's changes over immutable layers, so a guest that fills its disk fills nothing else. Each
 * machine has a supervisor with its own mount namespace: it outlives the lab, and no mount outlives it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { mkdtemp, readdir, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { LabProblem } from "../../errors.ts";
import { host, type ProcessMark, runs } from "../../host.ts";
import { plug, unplug } from "../../network/plug.ts";
import type { FrozenLayer, LayerId, MachineDriver, MachineSpec, MachineState } from "../driver.ts";
import { cgroupFolders, makeCgroups, removeCgroups } from "./cgroups.ts";
import {
  dataDiskImage,
  disksOf,
  disksShown,
  folderOfDataDisks,
  removeDataDisk,
  tellDisks,
} from "./data-disks.ts";

interface Running {
  supervisor: ProcessMark;
  /** The guest's init, once it runs. */
  leader?: ProcessMark;
}

const inOwnMounts = ["unshare", "--mount", "--propagation", "slave", "/usr/bin/python3", "-B"];

/** SIGRTMIN+4: systemd as init powers off. */
const powerOff = 38;

export interface NspawnDriver extends MachineDriver {
  /** Makes a folder known as a layer; asked again it changes nothing. */
  addBase(layer: LayerId, root: string): void;
}

export function createNspawnDriver({ home }: { home: string }): NspawnDriver {
  const machines = join(home, "machines");
  const layers = join(home, "layers");
  for (const folder of [machines, layers]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const paths = (id: string) => machinePaths(join(machines, id));
  const layerPath = (layer: LayerId) => join(layers, layer);

  /** A supervisor takes away what its machine had on the host; one that was killed could not. */
  async function clear(id: string): Promise<void> {
    await removeCgroups(cgroupFolders(home, id));
    await unplug(home, id);
    await rm(paths(id).running, { force: true });
  }

  return {
    name: "nspawn",
    addBase(layer, root) {
      if (existsSync(layerPath(layer))) return;
      rmSync(layerPath(layer), { force: true });
      symlinkSync(root, layerPath(layer));
    },

    async create(spec) {
      const { folder, disk } = paths(spec.id);
      if (existsSync(disk)) {
        if (!runningOf(paths(spec.id).running)) await growDisk(disk, spec.rootDiskGiB);
        return;
      }
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await makeDisk(disk, spec.rootDiskGiB);
    },

    async start(spec) {
      const own = paths(spec.id);
      if (!existsSync(own.disk)) throw new Error(`machine ${spec.name} has no disk`);
      if (runningOf(own.running)) return;
      const [nic] = spec.nics;
      if (!nic) throw new Error(`machine ${spec.name} has no network card`);
      await clear(spec.id);
      const namespace = await plug(home, spec.id, nic);
      const groups = cgroupFolders(home, spec.id);
      makeCgroups(groups, spec);
      const lowers = spec.layers.toReversed().map(layerPath).map(followed);
      await supervise(spec, own, namespace, lowers, groups);
    },

    async stop(id, graceSeconds) {
      const running = runningOf(paths(id).running);
      if (running) {
        const gone = whenGone(paths(id), running, graceSeconds);
        if (running.leader) signal(running.leader, powerOff);
        if (!(await gone)) await pullPlug(paths(id), running);
      }
      await clear(id);
    },

    async kill(id) {
      const running = runningOf(paths(id).running);
      if (running) await pullPlug(paths(id), running);
      await clear(id);
    },

    async freeze(spec, layer): Promise<FrozenLayer> {
      const { disk } = paths(spec.id);
      const frozen = layerPath(layer);
      if (runningOf(paths(spec.id).running)) throw new Error(`machine ${spec.name} runs`);
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
      const { blocks } = await stat(frozen);
      return { virtualSize: spec.rootDiskGiB * 1024 ** 3, physicalSize: blocks * 512 };
    },

    async remove(id) {
      await rm(paths(id).folder, { recursive: true, force: true });
    },

    async removeLayer(layer) {
      await rm(layerPath(layer), { force: true });
    },

    async unpack(image, format, layer) {
      const said = await diskImage(home, { act: "unpack", image, format, target: layerPath(layer) });
      const { size, system } = JSON.parse(said) as { size: number; system: string };
      const { blocks } = await stat(layerPath(layer));
      return { virtualSize: size, physicalSize: blocks * 512, system };
    },

    async pack(ids, size, path) {
      const from = ids.toReversed().map(layerPath).map(followed);
      await diskImage(home, { act: "pack", layers: from, size, target: path });
    },

    async makeDataDisk(volumeId, ids, size) {
      const target = dataDiskImage(home, volumeId);
      if (existsSync(target)) return;
      await folderOfDataDisks(home);
      const from = ids.toReversed().map(layerPath).map(followed);
      await diskImage(home, { act: "pack", layers: from, size, target, format: "raw" });
    },

    removeDataDisk: (volumeId) => removeDataDisk(home, volumeId),

    async showDataDisks(id, given) {
      const own = paths(id);
      const disks = disksOf(home, given);
      await tellDisks(own.dataDisks, disks);
      const running = runningOf(own.running);
      if (!running) return;
      const shown = disksShown(own.dataDisks, disks, AbortSignal.timeout(30_000));
      signal(running.supervisor, "SIGHUP");
      await shown;
    },

    async state(id): Promise<MachineState> {
      const own = paths(id);
      if (!existsSync(own.disk)) return "missing";
      if (runningOf(own.running)) return "running";
      if (existsSync(own.running)) await clear(id);
      return "stopped";
    },

    list: () => readdir(machines),

    async enter(id) {
      const running = runningOf(paths(id).running);
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

    consoleSocket: (id) => shortPath(paths(id).console),

    async consoleTail(id, lines) {
      const { screen } = paths(id);
      if (!existsSync(screen)) return "";
      return readFileSync(screen, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
    },
  };
}

interface MachinePaths {
  folder: string;
  disk: string;
  mounts: string;
  running: string;
  console: string;
  screen: string;
  log: string;
  dataDisks: string;
}

function machinePaths(folder: string): MachinePaths {
  return {
    folder,
    disk: join(folder, "disk.ext4"),
    mounts: join(folder, "mounts"),
    running: join(folder, "running.json"),
    console: join(folder, "console.sock"),
    screen: join(folder, "screen"),
    log: join(folder, "boot.log"),
    dataDisks: join(folder, "data-disks.json"),
  };
}

/** @throws Error with the reason as its message */
async function diskImage(home: string, task: Readonly<Record<string, unknown>>): Promise<string> {
  const scratch = await mkdtemp(join(home, "disk-image-"));
  const program = join(import.meta.dirname, "disk_image.py");
  try {
    const input = JSON.stringify({ ...task, scratch });
    return await host("setpriv", ["--pdeathsig", "KILL", ...inOwnMounts, program], { input });
  } catch (error) {
    throw error instanceof LabProblem ? new Error(error.because.split("\n").at(-1)) : error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
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

/** @throws LabProblem with the guest's last console lines when its init does not come up */
async function supervise(
  spec: MachineSpec,
  own: MachinePaths,
  namespace: string,
  lowers: readonly string[],
  groups: readonly string[],
): Promise<void> {
  mkdirSync(own.mounts, { recursive: true });
  const log = openSync(own.log, "a", 0o600);
  const [program = "", ...before] = inOwnMounts;
  const child = spawn(program, [...before, join(import.meta.dirname, "supervisor.py")], {
    detached: true,
    stdio: ["pipe", "pipe", log],
    cwd: "/",
  });
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(
    JSON.stringify({
      name: spec.name,
      disk: own.disk,
      lowers,
      mounts: own.mounts,
      namespace,
      cpus: spec.cpu,
      memory: spec.memoryMiB,
      groups,
      running: own.running,
      console: own.console,
      screen: own.screen,
      log: own.log,
      disks: own.dataDisks,
    }),
  );
  const leader = await firstLine(child);
  if (leader === undefined || child.pid === undefined) {
    const words = readFileSync(own.log, "utf8").trimEnd().split("\n").slice(-8).join("\n           ");
    throw new LabProblem(
      `machine ${spec.name} does not boot`,
      words || "its supervisor ended",
      "npm run lab -- logs",
    );
  }
  child.unref();
  (child.stdout as unknown as { unref(): void }).unref();
}

async function firstLine(child: ReturnType<typeof spawn>): Promise<string | undefined> {
  const { stdout } = child;
  if (!stdout) return undefined;
  stdout.setEncoding("utf8");
  let text = "";
  for await (const piece of stdout.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
    text += piece;
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
  return undefined;
}

/** @returns undefined when it does not run (any more), whatever was written down */
function runningOf(path: string): Running | undefined {
  if (!existsSync(path)) return undefined;
  const running = JSON.parse(readFileSync(path, "utf8")) as Running;
  return runs(running.supervisor) ? running : undefined;
}

async function pullPlug(own: MachinePaths, running: Running): Promise<void> {
  const gone = whenGone(own, running, 30);
  if (running.leader) signal(running.leader, "SIGKILL");
  signal(running.supervisor, "SIGTERM");
  if (await gone) return;
  signal(running.supervisor, "SIGKILL");
}

function signal(mark: ProcessMark, name: NodeJS.Signals | number): void {
  if (!runs(mark)) return;
  try {
    process.kill(mark.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The supervisor holds the console's socket until the very end: when it closes, the machine is about to be gone. */
async function whenGone(own: MachinePaths, running: Running, limitSeconds: number): Promise<boolean> {
  const limit = AbortSignal.timeout(limitSeconds * 1000);
  const socket = connect(shortPath(own.console));
  socket.on("error", () => undefined);
  socket.resume();
  try {
    await once(socket, "close", { signal: limit });
    while (runs(running.supervisor)) await setTimeout(10, undefined, { signal: limit });
    return true;
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
    return false;
  } finally {
    socket.destroy();
  }
}

const openFolders = new Map<string, number>();

/** A socket's path has at most 107 bytes; through a descriptor of its folder any folder is near. */
function shortPath(path: string): string {
  if (Buffer.byteLength(path) <= 107) return path;
  const folder = join(path, "..");
  let descriptor = openFolders.get(folder);
  // A restored state has other folders at the same places.
  if (descriptor !== undefined && fstatSync(descriptor).nlink === 0) {
    closeSync(descriptor);
    descriptor = undefined;
  }
  if (descriptor === undefined) {
    descriptor = openSync(folder, "r");
    openFolders.set(folder, descriptor);
  }
  return `/proc/${process.pid}/fd/${descriptor}/console.sock`;
}

function followed(path: string): string {
  return statSync(path).isDirectory() ? `${path}/` : path;
}
