/** npm runs this after a hand-made `npm install`, so that a plain `pulumi up` finds built SDKs. */
import { ensureOwnFolders } from "../environment.ts";
import { paths } from "../project.ts";
import { ensureSdks } from "../sdk/build.ts";
import type { Command } from "./command.ts";

export const prepare: Command = async () => {
  ensureOwnFolders(paths);
  await ensureSdks(paths);
  return 0;
};
