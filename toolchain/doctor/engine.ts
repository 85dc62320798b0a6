/** The engine: what is there and from where, or what could serve. */
import { join } from "node:path";
import { officialDownload, reachable } from "../engine/download.ts";
import { engineKey } from "../engine/engine.ts";
import { describeSeconds, judgeGo, neededGo, systemGo } from "../engine/go-build.ts";
import { installedEngine, systemProbe } from "../engine/installed.ts";
import { type EngineRecord, readRecord } from "../engine/record.ts";
import type { ProjectPaths } from "../project.ts";
import { type Finding, fault, note, ok } from "./finding.ts";

export function recordedEngine(paths: ProjectPaths): EngineRecord | undefined {
  return readRecord(paths.engineRecord, engineKey(paths));
}

export async function judgeEngine(paths: ProjectPaths, record: EngineRecord | undefined): Promise<Finding[]> {
  return record ? judgeRecord(record) : judgeSources(await sourceAnswers(paths));
}

export function judgeRecord({ engine, plugins, refused, seconds }: EngineRecord): Finding[] {
  const times = describeSeconds(seconds).join(", ");
  return [
    ok(
      "engine",
      "Pulumi",
      `${engine.version}, source: ${engine.source} (${engine.cli})${times && `; took ${times}`}`,
    ),
    ok("engine", "Node.js language host", `source: ${engine.hostSource}`),
    ...plugins.map(({ name, version, source }) =>
      ok("engine", `plugin ${name}`, `${version}, source: ${source}`),
    ),
    ...refused.map(({ source, because }) => note("engine", `not taken: ${source}`, because)),
  ];
}

export interface SourceAnswer {
  title: string;
  /** Why it cannot serve; undefined when it can. */
  because: string | undefined;
}

export function judgeSources(answers: readonly SourceAnswer[]): Finding[] {
  const first = answers.find(({ because }) => because === undefined);
  const reasons = answers.filter(({ because }) => because !== undefined);
  return [
    first
      ? note("engine", "Pulumi", `not there yet; npm start takes it from: ${first.title}`)
      : fault(
          "engine",
          "Pulumi",
          "is not there, and no source can serve",
          "install Pulumi, or reach its host, or install Go; see the notes below",
        ),
    ...reasons.map(({ title, because }) => note("engine", `cannot serve: ${title}`, because ?? "")),
  ];
}

async function sourceAnswers(paths: ProjectPaths): Promise<SourceAnswer[]> {
  const own = [paths.root, join(paths.cache, "engine")];
  const installed = await installedEngine(systemProbe(process.env.PATH ?? "", own)).find();
  return [
    { title: "installed pulumi", because: "cli" in installed ? undefined : installed.because },
    {
      title: "official download",
      because: await reachable(officialDownload.host, officialDownload.probeLimit),
    },
    { title: "Go module build", because: judgeGo(await systemGo(process.env), neededGo)?.because },
  ];
}
