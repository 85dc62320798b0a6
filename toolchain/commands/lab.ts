/** npm run lab -- ARGS: the lab's own command line, once its system packages are there. */
import { ensureOwnFolders } from "../environment.ts";
import { labCommand } from "../lab.ts";
import { show } from "../process.ts";
import { paths } from "../project.ts";
import { ensurePackages } from "../system/install.ts";
import type { Command } from "./command.ts";

export const lab: Command = async (args) => {
  ensureOwnFolders(paths);
  await ensurePackages(["lab"]);
  const [program, ...rest] = labCommand(args);
  return show(program, rest, { cwd: paths.root });
};
