/** One round trip to the probe runner: its source and the request go over standard input, nothing stays behind. */
import { readFileSync } from "node:fs";
import { Problem } from "../../../common/problem.ts";
import { describeTarget, type ExecOptions, type ExecResult, type SshTarget } from "../../ssh/index.ts";

/** What is needed of an SSH connection here. */
export interface Shell {
  readonly target: SshTarget;
  exec(command: string, options?: ExecOptions): Promise<ExecResult>;
}

const runner = new URL("../../../assets/common/probe/probe.py", import.meta.url);

/** Reads as many bytes of source as the first line says and leaves the rest of standard input to it. */
const bootstrap =
  'import sys; i = sys.stdin.buffer; exec(compile(i.read(int(i.readline())), "probe.py", "exec"), {"__name__": "__main__"})';

/**
 * @returns the runner's answer, parsed
 * @throws Problem when Python or sudo is missing, or the runner itself fails
 */
export async function askMachine(shell: Shell, request: unknown, signal?: AbortSignal): Promise<unknown> {
  const source = readFileSync(runner);
  const stdin = Buffer.concat([
    Buffer.from(`${source.length}\n`),
    source,
    Buffer.from(JSON.stringify(request)),
  ]);
  const command = `${asRoot(shell.target.user)}python3 -c '${bootstrap}'`;
  const { code, stdout, stderr } = await shell.exec(command, { stdin, ...(signal ? { signal } : {}) });
  if (code === 0) {
    const answer = parseLastLine(stdout);
    if (answer !== undefined) return answer;
  }
  throw new Problem({
    what: "cannot look at the machine",
    object: describeTarget(shell.target),
    because: reasonOf(code, stderr),
    next: lacksPython(code, stderr)
      ? "install the package python3 on the machine; python3-minimal is not enough"
      : `${sshTo(shell.target)} sudo -n python3 --version`,
  });
}

export function asRoot(user: string): string {
  return user === "root" ? "" : "sudo -n ";
}

export function sshTo({ user, host, port }: SshTarget): string {
  return `ssh${port === 22 ? "" : ` -p ${port}`} ${user}@${host}`;
}

/** sudo answers 1 where a shell answers 127. */
function lacksPython(code: number | undefined, stderr: string): boolean {
  return code === 127 || /ModuleNotFoundError|python3: command not found/u.test(stderr);
}

function parseLastLine(stdout: string): unknown {
  try {
    return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  } catch {
    return undefined;
  }
}

function reasonOf(code: number | undefined, stderr: string): string {
  const said = stderr.trim().split("\n").slice(-3).join(" / ").slice(0, 400);
  if (code === 0) return "the probe runner did not answer in JSON";
  if (code === undefined) return "the probe runner was killed";
  return `the probe runner ended with ${code}${said ? `: ${said}` : ""}`;
}
