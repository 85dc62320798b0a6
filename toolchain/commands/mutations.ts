/**
 * npm run test:mutations: the stack of the lab is brought up, and on clones of its template every check must catch the
 * fault that its own record plants. `--only FOLDER|ID` plants some of them.
 */
import { join } from "node:path";
import { askEngine } from "../engine-run.ts";
import { show } from "../process.ts";
import { paths } from "../project.ts";
import { environmentFor, setUp } from "../setup.ts";
import { defaultStack } from "../stack.ts";
import type { Command } from "./command.ts";
import { start } from "./start.ts";

export const mutations: Command = async (args) => {
  const code = await start([]);
  if (code !== 0) return code;
  const record = await setUp(["lab"]);
  const environment = await environmentFor(record, defaultStack, true);
  const template = await askEngine({ stack: defaultStack, environment }, [
    "stack",
    "output",
    "template",
    "--json",
    "--stack",
    defaultStack,
  ]);
  const { id } = JSON.parse(template) as { id: string };
  return show(paths.node, [join(paths.root, "test", "mutations", "main.ts"), id, ...args], {
    cwd: paths.root,
    env: environment,
  });
};
