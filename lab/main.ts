/** node lab/main.ts: the lab's command line. */

import { commands, usage } from "./cli/commands.ts";
import { parseLine } from "./cli/line.ts";
import { LabProblem, wordsOf } from "./errors.ts";

async function main(args: readonly string[]): Promise<number> {
  const line = parseLine(args);
  const command = commands[line.command ?? "help"];
  if (!command) {
    throw new LabProblem(
      `no such command: ${line.command}`,
      `the commands are: ${Object.keys(commands).join(", ")}`,
      usage,
    );
  }
  return command.run(line);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error instanceof LabProblem ? `error: ${error.message}` : `error: ${wordsOf(error)}`);
    if (!(error instanceof LabProblem) && error instanceof Error) console.error(error.stack);
    process.exitCode = 1;
  },
);
