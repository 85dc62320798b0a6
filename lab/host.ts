/** Programs of the host, and the names that a lab's things have there. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { LabProblem } from "./errors.ts";

export interface HostOptions {
  input?: string;
  env?: NodeJS.ProcessEnv;
}

/** @throws LabProblem with the program's own words */
export function host(program: string, args: readonly string[], options: HostOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { env: options.env ?? process.env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        const words = stderr.trim() || error.message;
        reject(
          new LabProblem(
            `${program} ${args.slice(0, 4).join(" ")} fails`,
            words,
            "npm run doctor   # is a program of the host missing?",
            error,
          ),
        );
      },
    );
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input);
  });
}

/** Eight hexadecimal digits that tell this lab's interfaces, namespaces and tables from every other lab's. */
export function tagOf(home: string): string {
  return digestOf(realpathSync(home)).slice(0, 8);
}

export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A process that outlives the lab, found again by its number and the time of its start. */
export interface ProcessMark {
  pid: number;
  startTime: string;
}

export function markOf(pid: number): ProcessMark {
  const startTime = startTimeOf(pid);
  if (startTime === undefined) throw new Error(`process ${pid} has ended`);
  return { pid, startTime };
}

export function runs(mark: ProcessMark): boolean {
  return startTimeOf(mark.pid) === mark.startTime;
}

/** In clock ticks since the boot of the host; undefined for a process that is gone or a zombie. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
