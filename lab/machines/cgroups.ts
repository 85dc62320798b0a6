/**
 * Control groups of a machine: one in each hierarchy of the host, whether that is version 1, 2, or both. systemd as
 * the guest's init manages everything below its own; two guests that shared one would stop each other's services.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { digestOf, tagOf } from "../host.ts";

export interface Limits {
  /** Processors' worth of time. */
  cpu: number;
  memoryMiB: number;
}

const periodMicroseconds = 100_000;

/** Folders of the machine's groups; `mountInfo` is /proc/self/mountinfo. */
export function cgroupFolders(
  home: string,
  machineId: string,
  mountInfo = readFileSync("/proc/self/mountinfo", "utf8"),
): string[] {
  const name = `ossea-${tagOf(home)}-${digestOf(machineId).slice(0, 8)}`;
  return hierarchies(mountInfo).map((mount) => join(mount, name));
}

/**
 * Those in which the guest's init, or a limit, needs a place of its own. cpuset and devices start with nothing allowed
 * or everything refused, so the machine stays in the host's.
 */
function hierarchies(mountInfo: string): string[] {
  return mountInfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const mount = before.split(" ")[4] ?? "";
    const [type, , options = ""] = after.split(" ");
    if (type === "cgroup2") return [mount];
    const wanted = options.split(",").some((option) => ["name=systemd", "memory", "cpu"].includes(option));
    return type === "cgroup" && wanted ? [mount] : [];
  });
}

export function makeCgroups(folders: readonly string[], { cpu, memoryMiB }: Limits): void {
  const bytes = String(memoryMiB * 1024 ** 2);
  const quota = String(Math.round(cpu * periodMicroseconds));
  for (const folder of folders) {
    // Version 2 gives a group only the controllers that the one above passes on.
    for (const controller of ["cpu", "memory"]) allow(dirname(folder), controller);
    mkdirSync(folder, { recursive: true });
    setWhereKnown(join(folder, "memory.limit_in_bytes"), bytes);
    setWhereKnown(join(folder, "memory.max"), bytes);
    setWhereKnown(join(folder, "cpu.cfs_quota_us"), quota);
    setWhereKnown(join(folder, "cpu.max"), `${quota} ${periodMicroseconds}`);
  }
}

function allow(parent: string, controller: string): void {
  const available = join(parent, "cgroup.controllers");
  if (!existsSync(available)) return;
  if (!readFileSync(available, "utf8").trim().split(" ").includes(controller)) return;
  writeFileSync(join(parent, "cgroup.subtree_control"), `+${controller}`);
}

function setWhereKnown(file: string, value: string): void {
  if (existsSync(file)) writeFileSync(file, value);
}

/** Ends whatever is left of the machine and removes its groups. Nothing to remove is fine. */
export async function removeCgroups(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (let killed = kill(folder); killed > 0; killed = kill(folder)) await setTimeout(20);
    removeTree(folder);
  }
}

/** @returns how many processes were still there */
function kill(folder: string): number {
  if (!existsSync(folder)) return 0;
  let count = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (basename(name) === "cgroup.procs") count += killListed(join(folder, name));
  }
  return count;
}

function killListed(file: string): number {
  const pids = readFileSync(file, "utf8").split("\n").map(Number).filter(Boolean);
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
  return pids.length;
}

function removeTree(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  }
  rmdirSync(folder);
}
