/** The lab as a command; it needs root, so for other users it goes through sudo. */
import { join } from "node:path";
import { Problem } from "../common/problem.ts";
import { parseEnvironmentLines } from "./environment.ts";
import { lastWords, run, show } from "./process.ts";
import { paths } from "./project.ts";
import { isRoot } from "./system/os.ts";

/** The argument vector that runs the lab's own command line. */
export function labCommand(args: readonly string[], root = isRoot()): [string, ...string[]] {
  const lab: [string, ...string[]] = [paths.node, join(paths.root, "lab", "main.ts"), ...args];
  if (root) return lab;
  const kept = ["PATH", "HOME", "XDG_CACHE_HOME", "TERM"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [`${name}=${value}`];
  });
  return ["sudo", ...(process.stdin.isTTY ? [] : ["-n"]), "env", ...kept, ...lab];
}

/** Starts the lab where it does not run; its own output shows how far it is. */
export async function labUp(): Promise<void> {
  const [program, ...args] = labCommand(["up"]);
  const code = await show(program, args, { cwd: paths.root });
  if (code !== 0) {
    throw new Problem({
      what: "the lab does not start",
      object: "npm run lab -- up",
      because: `exit status ${code}, see above`,
      next: "npm run lab -- logs",
    });
  }
}

/** CLOUDSTACK_API_URL, CLOUDSTACK_API_KEY and CLOUDSTACK_SECRET_KEY of the running lab. */
export async function labEnvironment(): Promise<Record<string, string>> {
  const [program, ...args] = labCommand(["env"]);
  const result = await run(program, args, { cwd: paths.root });
  const values = parseEnvironmentLines(result.stdout);
  if (result.code !== 0 || !values.CLOUDSTACK_API_URL) {
    throw new Problem({
      what: "the lab does not give its keys",
      object: "npm run lab -- env",
      because: result.code === 0 ? "it names no CLOUDSTACK_API_URL" : lastWords({ ...result, stdout: "" }),
      next: "npm run lab -- status",
    });
  }
  return values;
}
