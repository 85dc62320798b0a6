/**
 * Every file of the project that goes into a machine, read and digested once. What is missing or unreadable is
 * found here, before anything is created.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Appliance, Database } from "../appliances/types.ts";
import { Problem } from "../common/problem.ts";
import { parseScriptHeader, type ScriptHeader } from "../common/script-header.ts";

export interface SourceFile {
  /** Relative to the project: "assets/oma/units/oma-api.service". */
  path: string;
  sha256: string;
  text: string;
}

export interface Operation extends ScriptHeader {
  source: SourceFile;
}

export interface SqlSources {
  schema: SourceFile;
  seed: SourceFile;
  /** In the order of their names. */
  migrations: readonly SourceFile[];
}

export interface Sources {
  /** By path: units, files, steps and what checks ask. */
  files: ReadonlyMap<string, SourceFile>;
  /** What fills the database; it goes through a session and never lies in the machine. */
  sql: SqlSources | undefined;
  /** In the order of their headers. */
  seal: readonly Operation[];
  firstBoot: readonly Operation[];
  /** Folders to copy whole, parents without their children. */
  folders: readonly string[];
}

/** Steps and the probe runner serve every appliance. */
export const stepsFolder = "assets/common/steps";

/** Runs the operations of a seal; they share what lies in the folder. */
export const sealRunner = "assets/common/seal/run-seal.sh";
const sealLibrary = "assets/common/seal/lib";

/**
 * @param root the project's folder
 * @returns the sources, and one Problem for each file that cannot be used
 */
export function readSources(root: string, appliance: Appliance): { sources: Sources; faults: Problem[] } {
  const faults: Problem[] = [];
  const files = new Map<string, SourceFile>();
  const read = (path: string): SourceFile | undefined => {
    try {
      const source = sourceFile(root, path);
      files.set(path, source);
      return source;
    } catch (error) {
      faults.push(unreadable(path, error));
      return undefined;
    }
  };
  const operations = (paths: readonly string[]): Operation[] =>
    paths
      .flatMap((path) => {
        const source = read(path);
        if (!source) return [];
        try {
          return [{ ...parseScriptHeader(path, source.text), source }];
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          faults.push(error);
          return [];
        }
      })
      .sort((a, b) => a.order - b.order);

  for (const path of filesUnder(root, stepsFolder, faults)) read(path);
  for (const path of [sealRunner, ...filesUnder(root, sealLibrary, faults)]) read(path);
  for (const file of appliance.files) read(file.from);
  for (const unit of appliance.units) if (unit.from) read(unit.from);
  const seal = operations(appliance.seal);
  const firstBoot = operations(appliance.firstBoot);
  const sql = appliance.database && readSql(root, appliance.database, faults);
  const folders = foldersOf(files);
  // What checks ask goes into the machine as part of their records.
  for (const { probe } of appliance.checks) if (probe.kind === "script") read(probe.script);
  return { sources: { files, sql, seal, firstBoot, folders }, faults };
}

function readSql(root: string, database: Database, faults: Problem[]): SqlSources | undefined {
  const read = (path: string): SourceFile[] => {
    try {
      return [sourceFile(root, path)];
    } catch (error) {
      faults.push(unreadable(path, error));
      return [];
    }
  };
  const [schema] = read(database.schema);
  const [seed] = read(database.seed);
  const migrations = filesUnder(root, database.migrations, faults).flatMap(read);
  return schema && seed && { schema, seed, migrations };
}

function sourceFile(root: string, path: string): SourceFile {
  const bytes = readFileSync(resolve(root, path));
  return { path, sha256: createHash("sha256").update(bytes).digest("hex"), text: bytes.toString("utf8") };
}

/** Steps bring what they share and what they place. */
function filesUnder(root: string, folder: string, faults: Problem[]): string[] {
  try {
    const top = resolve(root, folder);
    return readdirSync(top, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(folder, relative(top, join(entry.parentPath, entry.name))))
      .sort();
  } catch (error) {
    faults.push(unreadable(folder, error));
    return [];
  }
}

function unreadable(path: string, error: unknown): Problem {
  return new Problem({
    what: "cannot read a source file",
    object: path,
    because: error instanceof Error ? error.message : String(error),
    next: `git status -- ${path}   # then restore the file or take it out of the appliance's definition`,
    cause: error,
  });
}

function foldersOf(files: ReadonlyMap<string, SourceFile>): string[] {
  const folders = [...new Set([...files.keys()].map((path) => dirname(path)))].sort();
  return folders.filter((folder) => !folders.some((other) => folder.startsWith(`${other}/`)));
}
