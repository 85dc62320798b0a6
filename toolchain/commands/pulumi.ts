/** npm run pulumi -- ARGS: the engine with the project's environment. */

import { showEngine } from "../engine-run.ts";
import { paths } from "../project.ts";
import { environmentFor, setUp } from "../setup.ts";
import { defaultStack, selectedStack, stackArgument, talksToCloud } from "../stack.ts";
import type { Command } from "./command.ts";

export const pulumi: Command = async (args) => {
  const cloud = talksToCloud(args);
  const record = await setUp(cloud ? ["lab"] : []);
  const backend = process.env.PULUMI_BACKEND_URL ?? `file://${paths.state}`;
  const chosen =
    stackArgument(args).stack ?? process.env.PULUMI_STACK ?? selectedStack(paths.pulumiHome, backend);
  const stack = chosen ?? defaultStack;
  const environment = await environmentFor(record, stack, cloud);
  if (!chosen && args[0] !== "stack") environment.PULUMI_STACK = defaultStack;
  return showEngine({ stack, environment }, args);
};
