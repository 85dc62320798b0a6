/** First source: a Pulumi that the user installed. */
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { run } from "../process.ts";
import type { CannotServe, EngineSource, FoundEngine } from "./sources.ts";
import { acceptable, engineVersion } from "./versions.ts";

export interface InstalledProbe {
  /** Full path of a program on the user's PATH. */
  which(program: string): string | undefined;
  /** What `pulumi version` prints; undefined when it fails. */
  version(cli: string): Promise<string | undefined>;
}

export function installedEngine(probe: InstalledProbe): EngineSource {
  return { title: "installed pulumi", find: () => find(probe) };
}

async function find(probe: InstalledProbe): Promise<FoundEngine | CannotServe> {
  const cli = probe.which("pulumi");
  if (!cli) return { because: "there is no pulumi on PATH" };
  const version = (await probe.version(cli))?.trim();
  if (!version) return { because: `${cli} version does not answer` };
  if (!acceptable(version)) {
    return { because: `${cli} is ${version}, ${engineVersion} or newer of the same major version is needed` };
  }
  const host = probe.which("pulumi-language-nodejs");
  if (!host) return { because: `${cli} has no pulumi-language-nodejs on PATH` };
  return { version, cli, hostFolder: dirname(host), hostSource: "installed pulumi", seconds: {} };
}

/** @param searchPath the user's PATH; the project's own folders are not looked into */
export function systemProbe(searchPath: string, ownFolders: readonly string[]): InstalledProbe {
  const folders = searchPath
    .split(delimiter)
    .filter((folder) => folder && !ownFolders.some((own) => folder.startsWith(own)));
  return {
    which: (program) => folders.map((folder) => join(folder, program)).find((path) => existsSync(path)),
    version: async (cli) => {
      const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
      const result = await run(cli, ["version"], { limit: 20_000, env });
      return result.code === 0 ? result.stdout : undefined;
    },
  };
}
