/** Runs the engine on a stack: dead locks released before, the stack's file kept clean after. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../common/problem.ts";
import { lastWords, run, show, showAndRead } from "./process.ts";
import { paths } from "./project.ts";
import { keepingStackFile } from "./stack-file.ts";
import { releaseDeadLocks } from "./stale-lock.ts";

export interface EngineRun {
  stack: string;
  environment: NodeJS.ProcessEnv;
}

/** Shows the engine at work on this terminal; gives its exit status. */
export async function showEngine(
  { stack, environment }: EngineRun,
  args: readonly string[],
): Promise<number> {
  for (const pid of releaseDeadLocks(paths.state)) {
    process.stderr.write(`The lock of an engine that was killed (process ${pid}) is released.\n`);
  }
  return keepingStackFile(stackFile(stack), () =>
    show("pulumi", args, { env: environment, cwd: paths.root }),
  );
}

/** Shows the engine at work, and gives what it printed. */
export async function showAndReadEngine(
  { stack, environment }: EngineRun,
  args: readonly string[],
): Promise<{ code: number; stdout: string }> {
  return keepingStackFile(stackFile(stack), () =>
    showAndRead("pulumi", args, { env: environment, cwd: paths.root }),
  );
}

/** Reads the engine's answer. @throws Problem when it fails */
export async function askEngine({ stack, environment }: EngineRun, args: readonly string[]): Promise<string> {
  const result = await keepingStackFile(stackFile(stack), () =>
    run("pulumi", args, { env: environment, cwd: paths.root }),
  );
  if (result.code === 0) return result.stdout;
  throw new Problem({
    what: "the engine refuses",
    object: `pulumi ${args.join(" ")}`,
    because: lastWords(result),
    next: `npm run pulumi -- ${args.join(" ")}`,
  });
}

/** Makes the stack's state where there is none and selects it. @throws Problem for a stack without a file */
export async function selectStack(engine: EngineRun): Promise<void> {
  if (!existsSync(stackFile(engine.stack))) {
    throw new Problem({
      what: "unknown stack",
      object: engine.stack,
      because: `there is no Pulumi.${engine.stack}.yaml`,
      next: "ls Pulumi.*.yaml   # the stacks of this project",
    });
  }
  await askEngine(engine, ["stack", "select", "--create", "--stack", engine.stack, "--non-interactive"]);
}

export async function stackExists(engine: EngineRun): Promise<boolean> {
  const answer = await askEngine(engine, ["stack", "ls", "--json", "--non-interactive"]);
  const stacks = JSON.parse(answer) as { name: string }[];
  return stacks.some(({ name }) => name.split("/").at(-1) === engine.stack);
}

function stackFile(stack: string): string {
  return join(paths.root, `Pulumi.${stack}.yaml`);
}
