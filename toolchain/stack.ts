/** Which stack a command means. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

export const defaultStack = "dev";

const workspace = z.object({
  stack: z.string().optional(),
  stacks: z.record(z.string(), z.string()).optional(),
});

/** Takes `--stack NAME`, `--stack=NAME`, `-s NAME` out of a command's arguments. */
export function stackArgument(args: readonly string[]): { stack: string | undefined; rest: string[] } {
  const rest: string[] = [];
  let stack: string | undefined;
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? "";
    const joined = /^(?:--stack=|-s=)(.+)$/.exec(argument)?.[1];
    if (joined) stack = joined;
    else if (argument === "--stack" || argument === "-s") stack = args[++index];
    else rest.push(argument);
  }
  return { stack: stack && shortName(stack), rest };
}

/** The stack that `stack select` chose in the project's own Pulumi home. */
export function selectedStack(pulumiHome: string, backendUrl: string): string | undefined {
  const folder = join(pulumiHome, "workspaces");
  if (!existsSync(folder)) return undefined;
  for (const name of readdirSync(folder).filter((file) => file.endsWith("-workspace.json"))) {
    const parsed = workspace.safeParse(JSON.parse(readFileSync(join(folder, name), "utf8")));
    const selected = parsed.success ? (parsed.data.stacks?.[backendUrl] ?? parsed.data.stack) : undefined;
    if (selected) return shortName(selected);
  }
  return undefined;
}

/** "organization/project/dev" -> "dev" */
function shortName(stack: string): string {
  return stack.slice(stack.lastIndexOf("/") + 1);
}

/** Engine commands that ask the cloud something; every other one works with the lab down. */
const cloudCommands = ["up", "update", "preview", "pre", "refresh", "destroy", "down", "import", "watch"];

/** The engine's own flags that take a value, when they stand before the command. */
const flagsWithValue = [
  "--color",
  "--cwd",
  "-C",
  "--stack",
  "-s",
  "--verbose",
  "-v",
  "--tracing",
  "--profiling",
];

export function talksToCloud(args: readonly string[]): boolean {
  const command = args.find(
    (argument, index) => !argument.startsWith("-") && !flagsWithValue.includes(args[index - 1] ?? ""),
  );
  return command !== undefined && cloudCommands.includes(command);
}
