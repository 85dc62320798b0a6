/** One round trip to the probe runner: its sources and the request go over standard input, nothing stays behind. */
import { readFileSync } from "node:fs";
import { Problem } from "../../../common/problem.ts";
import { describeTarget, type ExecOptions, type ExecResult, type SshTarget } from "../../ssh/index.ts";

/** What is needed of an SSH connection here. */
export interface Shell {
  readonly target: SshTarget;
  exec(command: string, options?: ExecOptions): Promise<ExecResult>;
}

const folder = new URL("../../../assets/common/probe/", import.meta.url);

/** A module before those that import it. */
const modules = ["judge", "probe"];

/**
 * The first line says, for each module, its name and how many bytes it has; they follow, and what then is left of
 * standard input is the request, for the main function of the last one.
 */
const bootstrap = [
  "import sys, types",
  "i = sys.stdin.buffer",
  "for word in i.readline().decode().split():",
  ' name, size = word.split(":")',
  " module = sys.modules[name] = types.ModuleType(name)",
  ' exec(compile(i.read(int(size)), name + ".py", "exec"), module.__dict__)',
  "module.main()",
].join("\n");

/**
 * @returns the runner's answer, parsed
 * @throws Problem when Python or sudo is missing, or the runner itself fails
 */
export async function askMachine(shell: Shell, request: unknown, signal?: AbortSignal): Promise<unknown> {
  const sources = modules.map((name) => readFileSync(new URL(`${name}.py`, folder)));
  const sizes = modules.map((name, position) => `${name}:${sources[position]?.length}`);
  const stdin = Buffer.concat([
    Buffer.from(`${sizes.join(" ")}\n`),
    ...sources,
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
