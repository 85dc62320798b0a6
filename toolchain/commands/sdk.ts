/** npm run sdk [NAME...]: generates the SDKs from their providers' schemas again, and builds them. */
import { engineEnvironment } from "../environment.ts";
import { paths } from "../project.ts";
import { ensureSdks } from "../sdk/build.ts";
import { generateSdk, sdkProviders } from "../sdk/generate.ts";
import { setUp } from "../setup.ts";
import type { Command } from "./command.ts";

export const sdk: Command = async (args) => {
  const record = await setUp([]);
  const environment = engineEnvironment({ paths, engine: record.engine, given: process.env });
  for (const name of args.length > 0 ? args : sdkProviders) await generateSdk(paths, name, environment);
  await ensureSdks(paths);
  return 0;
};
