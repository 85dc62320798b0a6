/** npm run plugin: the CloudStack provider as one file, and as an archive for Pulumi. */
import { paths } from "../project.ts";
import { bundleProvider } from "../sdk/bundle.ts";
import { setUp } from "../setup.ts";
import type { Command } from "./command.ts";

export const plugin: Command = async () => {
  await setUp([]);
  const { program, archive, version } = await bundleProvider(paths);
  process.stdout.write(
    `${program}\n${archive}\n\nInstall it: pulumi plugin install resource cloudstack ${version} --file ${archive}\n`,
  );
  return 0;
};
