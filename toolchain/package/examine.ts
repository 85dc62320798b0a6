/** Reads a package whole, then asks every rule. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parse } from "yaml";
import type { Appliance, DatabaseObjects } from "../../appliances/types.ts";
import { type ArtifactManifest, parseArtifactManifest } from "../../common/artifact-manifest.ts";
import { Problem } from "../../common/problem.ts";
import type { Step } from "../../common/progress.ts";
import { type MigrationFiles, migrationFiles } from "../../providers/guest/sql/migrations.ts";
import { namedSet, parseNamedSet } from "../../providers/guest/sql/objects.ts";
import { run } from "../process.ts";
import { readArchive } from "./archive.ts";
import { type Binary, readBinary } from "./binaries.ts";
import { type Trial, tryDatabase } from "./database-trial.ts";
import { type Entry, listFolder, readTexts } from "./folder.ts";
import * as layout from "./layout.ts";
import { type Fault, type Finding, findings } from "./rule.ts";
import { packageRules } from "./rules/index.ts";
import { readSqlText, type SqlText } from "./sql-text.ts";
import type { Subject, Wanted } from "./subject.ts";
import type { TemporaryMariaDb } from "./temporary-mariadb.ts";
import { readSettings, type UnitFile, unknownKeys } from "./unit-files.ts";

export interface Examination {
  folder: string;
  findings: readonly Finding[];
  binaries: readonly Binary[];
  /** The appliance's own manifest, whose shape and known-bad list the package's manifest takes over. */
  manifest: ArtifactManifest;
}

export interface Question {
  /** The project's folder. */
  root: string;
  /** Of the package. */
  folder: string;
  appliance: Appliance;
  /** A server to try the SQL on; without one that is told as not looked at. */
  server: TemporaryMariaDb | undefined;
  /** Rules whose findings a person accepts: rule -> reason. */
  accepted: ReadonlyMap<string, string>;
  step: Step;
}

export async function examinePackage(question: Question): Promise<Examination> {
  const { root, folder, appliance, step } = question;
  const manifest = parseArtifactManifest(
    appliance.artifacts,
    readFileSync(join(root, appliance.artifacts), "utf8"),
  );
  step.detail("list of files");
  const entries = listFolder(folder);
  const { texts, tooLong } = readTexts(folder, entries);
  const binaries = await readBinaries(question, manifest, entries);
  step.detail("GUI");
  const gui = isFile(entries, layout.gui)
    ? await readArchive(join(folder, layout.gui), layout.gui)
    : undefined;
  step.detail("units and scripts");
  const units = await readUnits(texts);
  const syntax = await readSyntax(folder, texts);
  const own = migrationsOf(entries, texts);
  const migrations = own ?? readOwnMigrations(root, appliance);
  const sql = [layout.schema, layout.seed].flatMap((path) => {
    const text = texts.get(path);
    return text === undefined ? [] : [readSqlText(path, text)];
  });
  const objects = objectsOf(appliance, texts);
  step.detail("database");
  const trial = await tryOn(question, sql, migrations, objects);
  const subject: Subject = {
    entries,
    texts,
    binaries,
    gui,
    sql,
    trial,
    units: units.files,
    syntax,
    unseen: [
      ...tooLong.map((object) => ({ object, because: "it is a text of more than 8 MiB" })),
      ...(gui?.unread ?? []).map((path) => ({
        object: `${layout.gui}: ${path}`,
        because: "it is a text of more than 8 MiB",
      })),
      ...units.unseen,
      ...(question.server ? [] : [withoutServer]),
    ],
    wanted: wantedOf(appliance, manifest, objects, migrations),
  };
  return { folder, findings: findings(packageRules, subject, question.accepted), binaries, manifest };
}

const withoutServer: Fault = {
  object: "database/",
  because: "there is no MariaDB here to try the SQL on, so it was only read",
};

function isFile(entries: readonly Entry[], path: string): boolean {
  return entries.some((entry) => entry.path === path && entry.kind === "file");
}

async function readBinaries(
  { folder, step }: Question,
  { artifacts, knownBad }: ArtifactManifest,
  entries: readonly Entry[],
): Promise<Binary[]> {
  const present = artifacts.flatMap(({ name, kind }) => {
    const path = layout.binaryPath(name, kind);
    const entry = entries.find((one) => one.path === path && one.kind === "file");
    return entry ? [{ name, kind, path, size: entry.size }] : [];
  });
  const total = present.reduce((sum, { size }) => sum + size, 0);
  let read = 0;
  const binaries: Binary[] = [];
  for (const { size: _, ...parts } of present) {
    step.detail(parts.path);
    const bad = knownBad.filter(({ name }) => name === parts.name).map(({ version }) => version);
    binaries.push(
      await readBinary(join(folder, parts.path), parts, bad, (count) => {
        read += count;
        step.at(Math.round(read / 1024), Math.max(1, Math.round(total / 1024)));
      }),
    );
  }
  return binaries;
}

/** systemd-analyze wants a unit under its own name, and says nothing of a template's place. */
async function readUnits(
  texts: ReadonlyMap<string, string>,
): Promise<{ files: UnitFile[]; unseen: Fault[] }> {
  const present = [...texts].filter(([path]) => /^services\/[^/]+\.service$/u.test(path));
  const copies = mkdtempSync(join(tmpdir(), "units-"));
  try {
    for (const [path, text] of present) writeFileSync(join(copies, basename(path)), text);
    const names = present.map(([path]) => join(copies, basename(path)));
    const answer = await run("systemd-analyze", ["verify", "--man=no", ...names]);
    return {
      files: present.map(([path, text]) => ({
        path,
        settings: readSettings(text),
        unknown: unknownKeys(answer.stderr, basename(path)),
      })),
      unseen:
        answer.code === 127
          ? [{ object: "services/", because: "there is no systemd-analyze here, so no key was looked up" }]
          : [],
    };
  } finally {
    rmSync(copies, { recursive: true, force: true });
  }
}

async function readSyntax(folder: string, texts: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const syntax = new Map<string, string>();
  for (const path of [...texts.keys()].filter((one) => /^scripts\/[^/]+\.sh$/u.test(one))) {
    const { code, stderr } = await run("bash", ["-n", path], { cwd: folder });
    syntax.set(path, code === 0 ? "" : stderr.trim() || `exit status ${code}`);
  }
  return syntax;
}

async function tryOn(
  { server, appliance }: Question,
  sql: readonly SqlText[],
  migrations: MigrationFiles,
  objects: DatabaseObjects,
): Promise<Trial | undefined> {
  const { database } = appliance;
  // A file that is missing or unreadable is told as such; what a server would miss then is no news.
  if (!server || !database || sql.length < 2 || sql.some(({ unreadable }) => unreadable)) return undefined;
  return tryDatabase(server, { database, sql, migrations, objects: namedSet.parse(objects) });
}

/** Of the package itself; undefined when it has none. */
function migrationsOf(
  entries: readonly Entry[],
  texts: ReadonlyMap<string, string>,
): MigrationFiles | undefined {
  if (!entries.some(({ path }) => path.startsWith(layout.migrations))) return undefined;
  return checkedMigrations(
    [...texts]
      .filter(([path]) => path.startsWith(layout.migrations))
      .map(([path, sql]) => ({ file: path.slice(layout.migrations.length), sql })),
    layout.migrations,
  );
}

function readOwnMigrations(root: string, { database }: Appliance): MigrationFiles {
  if (!database) return [];
  const folder = join(root, database.migrations);
  return checkedMigrations(
    readdirSync(folder).map((file) => ({ file, sql: readFileSync(join(folder, file), "utf8") })),
    database.migrations,
  );
}

function checkedMigrations(files: readonly { file: string; sql: string }[], folder: string): MigrationFiles {
  const parsed = migrationFiles.safeParse(files);
  if (parsed.success) return parsed.data;
  throw new Problem({
    what: "migrations that cannot be used",
    object: folder,
    because: parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
    next: "rename the files",
    cause: parsed.error,
  });
}

function objectsOf({ database }: Appliance, texts: ReadonlyMap<string, string>): DatabaseObjects {
  const own = texts.get(layout.objects);
  if (own === undefined) {
    if (!database) throw new Error("the appliance has no database");
    return database.objects;
  }
  const parsed = parseNamedSet(parse(own));
  if (parsed.ok) return parsed.set;
  throw new Problem({
    what: "a list of objects that cannot be used",
    object: layout.objects,
    because: parsed.faults.map(({ path, reason }) => `${path}: ${reason}`).join("; "),
    next: "edit it; appliances/oma-database.ts shows the form",
  });
}

function wantedOf(
  appliance: Appliance,
  { artifacts, knownBad }: ArtifactManifest,
  objects: DatabaseObjects,
  migrations: MigrationFiles,
): Wanted {
  return {
    files: [
      ...artifacts.map(({ name, kind }) => layout.binaryPath(name, kind)),
      layout.schema,
      layout.seed,
      ...layout.services,
      layout.wizard,
    ],
    allowed: [layout.migrations, layout.objects, layout.manifestFile],
    knownBad,
    objects,
    migratedTables: migrations.flatMap(({ file, sql }) =>
      readSqlText(file, sql).tables.map(({ name }) => name),
    ),
    databaseAccount: `${appliance.database?.user}@localhost`,
    users: ["root", ...appliance.users.map(({ name }) => name)],
    programs: [...artifacts.map(({ target }) => target), ...appliance.files.map(({ to }) => to)],
  };
}
