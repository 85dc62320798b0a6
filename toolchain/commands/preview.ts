/** npm run preview: what an update would do, and which input moved. */
import { selectStack, showEngine } from "../engine-run.ts";
import { environmentFor, setUp } from "../setup.ts";
import { defaultStack, stackArgument } from "../stack.ts";
import type { Command } from "./command.ts";

export const preview: Command = async (args) => {
  const { stack = defaultStack, rest } = stackArgument(args);
  const record = await setUp(["lab"]);
  const engine = { stack, environment: await environmentFor(record, stack, true) };
  await selectStack(engine);
  return showEngine(engine, ["preview", "--diff", "--stack", stack, ...rest]);
};
