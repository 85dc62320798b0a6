/** A killed engine leaves its lock on the stack. A lock whose process is gone is released; a live one stays. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const lock = z.object({ pid: z.number(), hostname: z.string() });

/** @returns the process ids whose locks were removed */
export function releaseDeadLocks(stateFolder: string, alive: (pid: number) => boolean = isAlive): number[] {
  const locks = join(stateFolder, ".pulumi", "locks");
  if (!existsSync(locks)) return [];
  const files = readdirSync(locks, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".json"),
  );
  return files.flatMap((name) => {
    const file = join(locks, name);
    const held = lock.safeParse(JSON.parse(readFileSync(file, "utf8")));
    if (!held.success || held.data.hostname !== hostname() || alive(held.data.pid)) return [];
    rmSync(file, { force: true });
    return [held.data.pid];
  });
}

/** A process id that another program has by now does not count, nor does a dead process that nobody reaped. */
function isAlive(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return /^Name:\s+pulumi/m.test(status) && !/^State:\s+[ZX]/m.test(status);
  } catch {
    return false;
  }
}
