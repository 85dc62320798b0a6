/** The end of the lab: of its processes (down), or of everything (reset). */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { Control } from "../control/client.ts";
import { LabProblem } from "../errors.ts";
import { type Home, readSettings } from "../home.ts";
import { Lab } from "../lab.ts";
import type { Line } from "./line.ts";

export async function down(line: Line): Promise<number> {
  await endProcesses(line, async (lab) => lab.down());
  console.log("the lab is down");
  return 0;
}

export async function reset(line: Line): Promise<number> {
  await endProcesses(line, async (lab) => lab.down());
  await endProcesses(line, async (lab) => lab.erase());
  const mounted = mountsUnder(line.home.folder);
  if (mounted.length > 0) {
    // Deleting through a mount would reach what is not the lab's.
    throw new LabProblem(
      "the lab's folder is not deleted",
      `something is still mounted in it: ${mounted.join(", ")}`,
      "npm run lab -- down",
    );
  }
  rmSync(line.home.folder, { recursive: true, force: true });
  console.log("the lab is empty");
  return 0;
}

/** By the running process, or, when that was killed, by this one: machines outlive the lab's process. */
async function endProcesses(line: Line, act: (lab: Lab) => Promise<void>): Promise<void> {
  const { home } = line;
  const show = (text: string) => console.log(text);
  if (await new Control(home).down(show)) {
    // The socket is free when the process is gone.
    const release = await hold(home);
    release();
    return;
  }
  if (!existsSync(home.state)) return;
  const release = await hold(home);
  try {
    const driver = readSettings(home)?.driver ?? line.driver;
    const lab = await Lab.open({ home, driver, log: () => undefined, progress: show });
    await act(lab);
  } finally {
    release();
  }
}

/** Takes the lab's lock, once whoever has it lets it go. */
async function hold(home: Home): Promise<() => void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const server = createServer((socket) => socket.destroy());
    const taken = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(home.control, () => resolve(true));
    });
    if (taken) return () => server.close();
    if (Date.now() > deadline) {
      throw new LabProblem(
        "the lab does not end",
        "another process holds its folder",
        "npm run lab -- status",
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function mountsUnder(folder: string): string[] {
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((mount) => (mount.split(" ")[1] ?? "").replace(/\\040/g, " "))
    .filter((place) => place === folder || place.startsWith(`${folder}/`));
}
