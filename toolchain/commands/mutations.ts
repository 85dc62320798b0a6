/**
 * npm run test:mutations: the stack of the lab is brought up, and on clones of its template every check must catch the
 * fault that its own record plants. `--only FOLDER|ID` plants some of them, `--stack NAME` names another stack of the lab.
 */
import { join } from "node:path";
import { readStackSettings } from "../doctor/stack.ts";
import { askEngine } from "../engine-run.ts";
import { show } from "../process.ts";
import { paths } from "../project.ts";
import { environmentFor, setUp } from "../setup.ts";
import { defaultStack, stackArgument } from "../stack.ts";
import type { Command } from "./command.ts";
import { start } from "./start.ts";

export const mutations: Command = async (args) => {
  const { stack = defaultStack, rest } = stackArgument(args);
  const code = await start(["--stack", stack]);
  if (code !== 0) return code;
  const record = await setUp(["lab"]);
  const environment = await environmentFor(record, stack, true);
  const template = await askEngine({ stack, environment }, [
    "stack",
    "output",
    "template",
    "--json",
    "--stack",
    stack,
  ]);
  const { id } = JSON.parse(template) as { id: string };
  const { appliance } = readStackSettings(paths.root, stack);
  return show(paths.node, [join(paths.root, "test", "mutations", "main.ts"), appliance.name, id, ...rest], {
    cwd: paths.root,
    env: environment,
  });
};
