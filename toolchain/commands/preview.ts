/** npm run preview: what an update would do, and which input moved. */
import { readStackSettings } from "../doctor/stack.ts";
import { selectStack, showEngine } from "../engine-run.ts";
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
  return showEngine(engine, ["preview", "--diff", "--stack", stack, ...rest]);
};
