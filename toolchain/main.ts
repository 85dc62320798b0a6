/** The front end: one command a file, loaded when asked for, run by the project's own Node.js. */
import { closestTo } from "../common/closest.ts";
import { Problem, Problems } from "../common/problem.ts";
import type { Command } from "./commands/command.ts";

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import("./commands/start.ts")).start,
  test: async () => (await import("./commands/test.ts")).test,
  "test:endpoint": async () => (await import("./commands/test.ts")).testEndpoint,
  "test:mutations": async () => (await import("./commands/mutations.ts")).mutations,
  preview: async () => (await import("./commands/preview.ts")).preview,
  destroy: async () => (await import("./commands/destroy.ts")).destroy,
  pulumi: async () => (await import("./commands/pulumi.ts")).pulumi,
  lab: async () => (await import("./commands/lab.ts")).lab,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  bench: async () => (await import("./commands/bench.ts")).bench,
  docs: async () => (await import("./commands/docs.ts")).docs,
  sdk: async () => (await import("./commands/sdk.ts")).sdk,
  package: async () => (await import("./commands/package.ts")).packageCommand,
  plugin: async () => (await import("./commands/plugin.ts")).plugin,
  lint: async () => (await import("./commands/tools.ts")).lint,
  format: async () => (await import("./commands/tools.ts")).format,
  typecheck: async () => (await import("./commands/tools.ts")).typecheck,
  prepare: async () => (await import("./commands/prepare.ts")).prepare,
};

async function main(name: string, args: readonly string[]): Promise<number> {
  const load = commands[name];
  if (!load) {
    throw new Problem({
      what: "unknown command",
      object: name || "(none)",
      because: `the commands are ${Object.keys(commands).join(", ")}`,
      next: `npm run ${closestTo(name, Object.keys(commands)) ?? "doctor"}`,
    });
  }
  const command = await load();
  return command(args);
}

try {
  const [name = "", ...args] = process.argv.slice(2);
  process.exitCode = await main(name, args);
} catch (error) {
  const forPeople = error instanceof Problem || error instanceof Problems;
  const text = error instanceof Error ? (forPeople ? error.message : error.stack) : String(error);
  process.stderr.write(`\n${text}\n`);
  process.exitCode = 1;
}
