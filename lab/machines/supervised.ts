/**
 * Machines that a supervisor of their own keeps: a process that outlives the lab, is found again by its mark, and tells
 * in a file whether and as what its machine runs.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { LabProblem } from "../errors.ts";
import { type ProcessMark, runs } from "../host.ts";
import type { Runner } from "./by-hypervisor.ts";
import type { MachineState } from "./driver.ts";

/** Folder of the programs that supervise and that make disks. */
export const programs = join(import.meta.dirname, "programs");

/** Its mounts end with it. */
export const inOwnMounts = ["unshare", "--mount", "--propagation", "slave", "/usr/bin/python3", "-B"];

export interface Running {
  supervisor: ProcessMark;
  /** The guest's init, or its emulator, once it runs. */
  leader?: ProcessMark;
}

export interface MachinePaths {
  folder: string;
  disk: string;
  mounts: string;
  running: string;
  console: string;
  screen: string;
  log: string;
}

/** @param disk its file's name */
export function machinePaths(folder: string, disk: string): MachinePaths {
  return {
    folder,
    disk: join(folder, disk),
    mounts: join(folder, "mounts"),
    running: join(folder, "running.json"),
    console: join(folder, "console.sock"),
    screen: join(folder, "screen"),
    log: join(folder, "boot.log"),
  };
}

/**
 * Starts the machine's supervisor and resolves when the machine runs.
 * @param program file in `programs`
 * @throws LabProblem with the machine's last words when it does not
 */
export async function supervise(
  program: string,
  name: string,
  own: MachinePaths,
  spec: Readonly<Record<string, unknown>>,
): Promise<void> {
  mkdirSync(own.mounts, { recursive: true });
  const log = openSync(own.log, "a", 0o600);
  const [starter = "", ...before] = inOwnMounts;
  const child = spawn(starter, [...before, join(programs, program)], {
    detached: true,
    stdio: ["pipe", "pipe", log],
    cwd: "/",
  });
  child.stdin?.on("error", () => undefined);
  const { running, console, screen, mounts } = own;
  child.stdin?.end(JSON.stringify({ name, running, console, screen, mounts, log: own.log, ...spec }));
  const leader = await firstLine(child);
  if (leader === undefined || child.pid === undefined) {
    const words = lastLines(own.log, 8).replaceAll("\n", "\n           ");
    throw new LabProblem(
      `machine ${name} does not boot`,
      words || "its supervisor ended",
      "npm run lab -- logs",
    );
  }
  child.unref();
  (child.stdout as unknown as { unref(): void }).unref();
}

async function firstLine({ stdout }: ChildProcess): Promise<string | undefined> {
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

/**
 * What is the same however a machine runs.
 * @param clear takes away what the machine had on the host, after a supervisor that was killed and could not
 */
export function supervisedMachines(
  paths: (id: string) => MachinePaths,
  clear: (id: string) => Promise<void>,
): Pick<Runner, "has" | "kill" | "state" | "consoleSocket"> {
  return {
    has: (id) => existsSync(paths(id).disk),

    async kill(id) {
      const running = runningOf(paths(id));
      if (running) await pullPlug(paths(id), running);
      await clear(id);
    },

    async state(id): Promise<MachineState> {
      const own = paths(id);
      if (!existsSync(own.disk)) return "missing";
      if (runningOf(own)) return "running";
      if (existsSync(own.running)) await clear(id);
      return "stopped";
    },

    consoleSocket: (id) => shortPath(paths(id).console),
  };
}

/** @returns undefined when it does not run (any more), whatever was written down */
export function runningOf({ running: path }: MachinePaths): Running | undefined {
  if (!existsSync(path)) return undefined;
  const running = JSON.parse(readFileSync(path, "utf8")) as Running;
  return runs(running.supervisor) ? running : undefined;
}

export async function pullPlug(own: MachinePaths, running: Running): Promise<void> {
  const gone = whenGone(own, running, 30);
  if (running.leader) signal(running.leader, "SIGKILL");
  signal(running.supervisor, "SIGTERM");
  if (await gone) return;
  signal(running.supervisor, "SIGKILL");
}

export function signal(mark: ProcessMark, name: NodeJS.Signals | number): void {
  if (!runs(mark)) return;
  try {
    process.kill(mark.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The supervisor holds the console's socket until the very end: when it closes, the machine is about to be gone. */
export async function whenGone(own: MachinePaths, running: Running, limitSeconds: number): Promise<boolean> {
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
export function shortPath(path: string): string {
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
  return `/proc/${process.pid}/fd/${descriptor}/${path.slice(folder.length + 1)}`;
}

export function lastLines(path: string, count: number): string {
  if (!existsSync(path)) return "";
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-count).join("\n");
}
