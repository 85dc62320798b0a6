/** A lock between processes, also of several clones: the kernel gives it back when its holder dies. */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Problem } from "../common/problem.ts";

/**
 * Runs `work` while holding `file`.
 * @param onWait called when somebody else holds it
 * @throws Problem when the lock cannot be taken at all
 */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  let release = await take(file, true);
  if (!release) {
    onWait?.();
    release = await take(file, false);
  }
  if (!release) throw lockProblem(file, "flock ended without the lock");
  try {
    return await work();
  } finally {
    await release();
  }
}

/** @returns undefined when `atOnce` and somebody else holds it */
function take(file: string, atOnce: boolean): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve, reject) => {
    const flags = atOnce ? ["--nonblock", "--conflict-exit-code", "75"] : [];
    // Its own session: Ctrl-C must not take the lock away while the work it guards still ends.
    const holder = spawn("flock", [...flags, file, "sh", "-c", "echo held; exec cat >/dev/null"], {
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
    });
    const ended = new Promise<void>((done) => {
      holder.on("close", () => done());
    });
    holder.on("error", (error) => reject(lockProblem(file, error.message)));
    holder.stdout.once("data", () => {
      resolve(() => {
        holder.stdin.end();
        return ended;
      });
    });
    holder.on("close", (code) => {
      if (code === 75) resolve(undefined);
      else reject(lockProblem(file, `flock: exit status ${code}`));
    });
  });
}

function lockProblem(file: string, because: string): Problem {
  return new Problem({ what: "cannot lock", object: file, because, next: "apt-get install util-linux" });
}
