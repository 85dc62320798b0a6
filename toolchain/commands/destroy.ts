/** npm run destroy: removes everything that the stack made. */
import { showEngine, stackExists } from "../engine-run.ts";
import { removeLeftovers } from "../leftovers.ts";
import { environmentFor, setUp } from "../setup.ts";
import { defaultStack, stackArgument } from "../stack.ts";
import type { Command } from "./command.ts";

export const destroy: Command = async (args) => {
  const { stack = defaultStack, rest } = stackArgument(args);
  const record = await setUp(["lab"]);
  if (!(await stackExists({ stack, environment: await environmentFor(record, stack, false) }))) {
    process.stdout.write(`Nothing to destroy: stack ${stack} was never up.\n`);
    return 0;
  }
  const environment = await environmentFor(record, stack, true);
  await removeLeftovers({ stack, environment });
  return showEngine({ stack, environment }, ["destroy", "--yes", "--stack", stack, ...rest]);
};
