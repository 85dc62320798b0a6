/** The whole engine: CLI, language host and plugins, found or made once, and written down with its sources. */
import { join } from "node:path";
import { withLock } from "../lock.ts";
import type { ProjectPaths } from "../project.ts";
import { keyOf } from "./cache.ts";
import { downloadedEngine, officialDownload, reachable } from "./download.ts";
import { buildInputs, builtEngine, describeSeconds, systemGo } from "./go-build.ts";
import { installedEngine, systemProbe } from "./installed.ts";
import { ensurePlugin, removeOtherVersions } from "./plugins.ts";
import { type EngineRecord, markOf, readRecord, writeRecord } from "./record.ts";
import { chooseEngine } from "./sources.ts";
import { engineVersion, pluginPins } from "./versions.ts";

/** The pins that a recorded engine must answer to. */
export function engineKey(paths: ProjectPaths): string {
  return keyOf({
    ...buildInputs(),
    engineVersion,
    plugins: JSON.stringify(pluginPins),
    node: paths.node,
    root: paths.root,
  });
}

/** @throws Problems when no source serves */
export async function ensureEngine(paths: ProjectPaths): Promise<EngineRecord> {
  const key = engineKey(paths);
  const recorded = readRecord(paths.engineRecord, key);
  if (recorded) return recorded;
  return withLock(join(paths.own, "engine.lock"), async () => {
    return readRecord(paths.engineRecord, key) ?? (await getEngine(paths, key));
  });
}

async function getEngine(paths: ProjectPaths, key: string): Promise<EngineRecord> {
  const cacheFolder = join(paths.cache, "engine");
  const { engine, source, refused } = await chooseEngine([
    installedEngine(systemProbe(process.env.PATH ?? "", [paths.root, cacheFolder])),
    downloadedEngine({ ...officialDownload, cacheFolder }),
    builtEngine(cacheFolder, () => systemGo(process.env)),
  ]);
  const unreachable =
    refused.find((refusal) => refusal.source === "official download")?.because ??
    (await reachable(officialDownload.host, officialDownload.probeLimit));
  removeOtherVersions(pluginPins, paths.pulumiHome);
  const plugins: EngineRecord["plugins"] = [];
  for (const pin of pluginPins) {
    plugins.push(
      await ensurePlugin(pin, {
        pulumiHome: paths.pulumiHome,
        providers: join(paths.root, "providers"),
        node: paths.node,
        unreachable,
        downloadLimit: 180_000,
        cli: engine.cli,
      }),
    );
  }
  const record: EngineRecord = {
    key,
    engine: {
      version: engine.version,
      source,
      cli: engine.cli,
      hostFolder: engine.hostFolder,
      hostSource: engine.hostSource,
      mark: markOf(engine.cli) ?? "",
    },
    plugins,
    refused: [...refused],
    seconds: engine.seconds,
  };
  writeRecord(paths.engineRecord, record);
  process.stderr.write(`${describeEngine(record).join("\n")}\n`);
  return record;
}

/** Lines for people: each part, its version and its source. */
export function describeEngine(record: EngineRecord): string[] {
  const { engine, plugins, refused, seconds } = record;
  return [
    `Pulumi ${engine.version}: ${engine.source} (${engine.cli})`,
    `Node.js language host: ${engine.hostSource}`,
    ...plugins.map(({ name, version, source }) => `plugin ${name} ${version}: ${source}`),
    ...refused.map(({ source, because }) => `not taken: ${source}, ${because}`),
    ...describeSeconds(seconds).map((line) => `took ${line}`),
  ];
}
