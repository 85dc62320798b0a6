/** The formatter, the linter and the type checker, each after what it needs. */
import { join } from "node:path";
import { ensureOwnFolders } from "../environment.ts";
import { show } from "../process.ts";
import { paths } from "../project.ts";
import { ensureSdks } from "../sdk/build.ts";
import type { Command } from "./command.ts";

const tool = (name: string) => join(paths.nodeModulesBin, name);

export const lint: Command = (args) =>
  show(tool("biome"), ["check", ...(args.length > 0 ? args : ["."])], { cwd: paths.root });

export const format: Command = (args) =>
  show(tool("biome"), ["check", "--write", ...(args.length > 0 ? args : ["."])], { cwd: paths.root });

export const typecheck: Command = async (args) => {
  ensureOwnFolders(paths);
  await ensureSdks(paths);
  return show(tool("tsc"), ["-p", ".", ...args], { cwd: paths.root });
};
