/** Child processes: run and read, run and show. */
import { type ChildProcess, spawn } from "node:child_process";

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Given to the child's standard input. */
  input?: string;
  /** Milliseconds after which the child is killed. */
  limit?: number;
  /** Called with each whole line of stderr as it comes. */
  onErrorLine?: (line: string) => void;
}

export interface RunResult {
  /** Exit status; 127 when the program is not there, 128 + n when a signal ended it. */
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program and reads its output. Never rejects for a failing program. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      ...(options.limit === undefined ? {} : { timeout: options.limit, killSignal: "SIGKILL" as const }),
    });
    let stdout = "";
    let stderr = "";
    let partial = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      if (!options.onErrorLine) return;
      const lines = (partial + text).split("\n");
      partial = lines.pop() ?? "";
      lines.forEach(options.onErrorLine);
    });
    // A child that ends without reading its input is judged by its exit status.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input);
    const forget = passSignals(child);
    child.on("error", (error) => {
      forget();
      resolve({ code: 127, stdout, stderr: `${stderr}${error.message}` });
    });
    child.on("close", (code, signal) => {
      forget();
      resolve({ code: code ?? signalStatus(signal), stdout, stderr });
    });
  });
}

/** Runs a program on this terminal and gives its exit status. */
export function show(program: string, args: readonly string[], options: RunOptions = {}): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: "inherit",
    });
    const forget = passSignals(child);
    child.on("error", (error) => {
      forget();
      process.stderr.write(`${program}: ${error.message}\n`);
      resolve(127);
    });
    child.on("close", (code, signal) => {
      forget();
      resolve(code ?? signalStatus(signal));
    });
  });
}

/** Shows a program's standard output as it comes, and gives it too. */
export function showAndRead(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["inherit", "pipe", "inherit"],
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      process.stdout.write(text);
    });
    const forget = passSignals(child);
    child.on("error", (error) => {
      forget();
      process.stderr.write(`${program}: ${error.message}\n`);
      resolve({ code: 127, stdout });
    });
    child.on("close", (code, signal) => {
      forget();
      resolve({ code: code ?? signalStatus(signal), stdout });
    });
  });
}

/**
 * The child decides how it ends; this process waits for it. A terminal sends Ctrl-C to both by itself: passing it on
 * as well would count as a second Ctrl-C, on which the engine gives up its clean end.
 */
function passSignals(child: ChildProcess): () => void {
  const interrupt = () => {
    if (!process.stdin.isTTY) child.kill("SIGINT");
  };
  const terminate = () => child.kill("SIGTERM");
  const hangUp = () => child.kill("SIGHUP");
  process.on("SIGINT", interrupt).on("SIGTERM", terminate).on("SIGHUP", hangUp);
  return () => {
    process.off("SIGINT", interrupt).off("SIGTERM", terminate).off("SIGHUP", hangUp);
  };
}

function signalStatus(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
  return 128 + ((signal && numbers[signal]) ?? 0);
}

/** The last lines of a failed program's words, for the `because` of a Problem. */
export function lastWords(result: RunResult, lines = 5): string {
  if (result.code === 130 || result.code === 143) return "it was interrupted";
  const words = `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-lines).join("\n           ");
  return `exit status ${result.code}${words ? `: ${words}` : ""}`;
}
