/** npm run lab -- ARGS: the lab's own command line, once its system packages are there. */
import { ensureOwnFolders } from "../environment.ts";
import { labCommand } from "../lab.ts";
import { show } from "../process.ts";
import { paths } from "../project.ts";
import { ensurePackages, type Need } from "../system/install.ts";
import type { Command } from "./command.ts";

export const lab: Command = async (args) => {
  ensureOwnFolders(paths);
  await ensurePackages(labNeeds(args));
  const [program, ...rest] = labCommand(args);
  return show(program, rest, { cwd: paths.root });
};

/** QEMU is large, and most labs need none. */
export function labNeeds(args: readonly string[]): Need[] {
  return /(?:^| )--driver[ =]qemu(?: |$)/u.test(args.join(" ")) ? ["lab", "qemu"] : ["lab"];
}
