/** npm run preview: what an update would do, and which input moved. */
import { readStackSettings } from "../doctor/stack.ts";
import { selectStack, showAndReadEngine } from "../engine-run.ts";
import { describeMoved, movedInputs } from "../moved-inputs.ts";
import { paths } from "../project.ts";
import { environmentFor, setUp } from "../setup.ts";
import { defaultStack, stackArgument } from "../stack.ts";
import type { Command } from "./command.ts";

export const preview: Command = async (args) => {
  const { stack = defaultStack, rest } = stackArgument(args);
  const record = await setUp(["lab"]);
  const engine = { stack, environment: await environmentFor(record, stack, true) };
  await selectStack(engine);
  // The engine stops at the first value of a wrong type; here all faults are told together.
  readStackSettings(paths.root, stack);
  const color = process.stdout.isTTY ? ["--color", "always"] : [];
  const preview = ["preview", "--diff", ...color, "--stack", stack, ...rest];
  const { code, stdout } = await showAndReadEngine(engine, preview);
  if (code === 0) process.stdout.write(`\n${describeMoved(movedInputs(stdout))}\n`);
  return code;
};
