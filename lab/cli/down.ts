/** The end of the lab: of its processes (down), or of everything (reset). */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { Control } from "../control/client.ts";
import { LabProblem } from "../errors.ts";
import { type Home, readSettings } from "../home.ts";
import { Lab } from "../lab.ts";
import { openMachinery } from "../machinery.ts";
import type { Line } from "./line.ts";

export async function down(line: Line): Promise<number> {
  const { home } = line;
  const show = (text: string) => console.log(text);
  const control = new Control(home);
  const pid = await control.pid();
  if (pid !== undefined && (await control.down(show))) await ended(pid);
  else if (existsSync(home.state)) {
    // Machines outlive a lab that was killed: then this process ends them.
    await holding(home, async () => {
      const lab = await Lab.open({ home, driver: line.driver, log: () => undefined, progress: show });
      await lab.down(show);
    });
  }
  console.log("the lab is down");
  return 0;
}

/** Plugs are pulled and the state is not looked at, so that it works however broken the lab is. */
export async function reset({ home, driver }: Line): Promise<number> {
  const pid = await new Control(home).pid();
  if (pid !== undefined) {
    process.kill(pid, "SIGTERM");
    await ended(pid);
  }
  await holding(home, async () => {
    const machinery = await openMachinery(readSettings(home)?.driver ?? driver, home.folder);
    for (const id of await machinery.driver.list()) {
      await machinery.driver.kill(id);
      await machinery.driver.remove(id);
    }
    await machinery.networks.down();
    const mounted = mountsUnder(home.folder);
    if (mounted.length > 0) {
      // Deleting through a mount would reach what is not the lab's.
      throw new LabProblem(
        "the lab's folder is not deleted",
        `something is still mounted in it: ${mounted.join(", ")}`,
        "npm run lab -- down",
      );
    }
    rmSync(home.folder, { recursive: true, force: true });
  });
  console.log("the lab is empty");
  return 0;
}

/** Nobody but its parent is told that a process ends, and the lab's parent is long gone. */
async function ended(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

/**
 * A zombie is not: it waits for its parent alone. But as long as other threads of it run, its sockets are open, the
 * lab's lock among them.
 */
function isAlive(pid: number): boolean {
  try {
    const ended = /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    return !ended || readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
}

/** Acts with the lab's lock held, so that no lab starts meanwhile. */
async function holding(home: Home, act: () => Promise<void>): Promise<void> {
  const lock = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    lock.once("error", (error) =>
      reject(new LabProblem("another lab process is at work", error.message, "npm run lab -- status", error)),
    );
    lock.listen(home.control, resolve);
  });
  try {
    await act();
  } finally {
    await new Promise((resolve) => lock.close(resolve));
  }
}

function mountsUnder(folder: string): string[] {
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((mount) => (mount.split(" ")[1] ?? "").replace(/\\040/g, " "))
    .filter((place) => place === folder || place.startsWith(`${folder}/`));
}
