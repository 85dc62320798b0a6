/** A process of this machine, in a group of its own, so that all of it ends when it is not wanted any more. */
import { spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import { Problem } from "../../../common/problem.ts";

export interface ProcessRequest {
  command: string;
  interpreter: readonly string[] | undefined;
  directory: string;
  environment: NodeJS.ProcessEnv;
  stdin: string;
  signal: AbortSignal;
  hear(stream: "stdout" | "stderr", text: string): void;
}

export interface ProcessResult {
  stdout: string;
  stderr: string;
  /** "exit status 0", "signal: killed": as the official provider says it. */
  end: string;
}

const shell = ["/bin/sh", "-c"];
const graceSeconds = 3;

export async function runProcess(request: ProcessRequest): Promise<ProcessResult> {
  request.signal.throwIfAborted();
  const interpreter = request.interpreter?.length ? request.interpreter : shell;
  const [program = "", ...args] = interpreter;
  const child = spawn(program, [...args, request.command], {
    cwd: request.directory,
    env: request.environment,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    const decoder = new StringDecoder("utf8");
    const take = (text: string) => {
      texts[stream] += text;
      if (text !== "") request.hear(stream, text);
    };
    child[stream].on("data", (chunk: Buffer) => take(decoder.write(chunk)));
    child[stream].on("end", () => take(decoder.end()));
  }
  // A command may end without reading what it is given.
  child.stdin.on("error", () => {});
  child.stdin.end(request.stdin);
  const stop = () => endGroup(child.pid);
  request.signal.addEventListener("abort", stop, { once: true });
  try {
    const end = await new Promise<string>((resolve, reject) => {
      child.once("error", (cause) => reject(notStarted(program, request, cause)));
      child.once("close", (code, signal) => resolve(endOf(code, signal)));
    });
    request.signal.throwIfAborted();
    return { ...texts, end };
  } finally {
    request.signal.removeEventListener("abort", stop);
  }
}

/** TERM first, so that it can tidy up; what is left is killed. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  signalGroup(pid, "SIGTERM");
  setTimeout(() => signalGroup(pid, "SIGKILL"), graceSeconds * 1000).unref();
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

const signalWords: Record<string, string> = {
  SIGTERM: "terminated",
  SIGKILL: "killed",
  SIGINT: "interrupt",
  SIGHUP: "hangup",
  SIGSEGV: "segmentation fault",
  SIGABRT: "aborted",
};

function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exit status ${code}` : `signal: ${signalWords[signal] ?? signal}`;
}

function notStarted(program: string, { directory }: ProcessRequest, cause: Error): Problem {
  return new Problem({
    what: "cannot start the command",
    object: `${program} in ${directory}`,
    because: cause.message,
    next: `look whether the folder ${directory} and the program ${program} are there`,
    cause,
  });
}
