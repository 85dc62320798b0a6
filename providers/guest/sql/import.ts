/**
 * Fills an empty database and proves what came of it. The database's own comment says how far an import came, so that
 * one that broke off can begin anew, and nothing that somebody else made is ever emptied.
 */
import { createHash } from "node:crypto";
import { Problem } from "../../../common/problem.ts";
import { execute, readSqlFile, type SqlFile } from "./execute.ts";
import { brokenViews, inspect, quoteName, type Row, rowCounts, type Session } from "./inspect.ts";
import {
  applyMigrations,
  type Migration,
  type MigrationFiles,
  pendingMigrations,
  readMigrations,
  recordedVersions,
} from "./migrations.ts";
import { counterDifferences, differences, type NamedSet, type SeenDatabase } from "./objects.ts";

export interface ImportRequest {
  database: string;
  schema: string;
  seed: string;
  /** Applied after the seed, which belongs to the schema as it is before them. */
  migrations: MigrationFiles;
  objects: NamedSet;
  /** "host ossea-build at 127.0.0.1:3306", for messages. */
  server: string;
}

export interface Imported {
  objects: { baseTables: number; views: number; foreignKeys: number };
  serverVersion: string;
  schemaDigest: string;
  seedDigest: string;
  /** Versions on record in the database, in order. */
  migrations: string[];
}

type Progress = (line: string) => void;

export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

interface Files {
  schema: SqlFile;
  seed: SqlFile;
  migrations: Migration[];
}

/** Every file cut into statements before the first one runs. */
export function readFiles({ database, schema, seed, migrations }: ImportRequest): Files {
  return {
    schema: readSqlFile(database, "schema", schema, false),
    seed: readSqlFile(database, "seed", seed, true),
    migrations: readMigrations(database, migrations),
  };
}

export async function importDatabase(
  session: Session,
  request: ImportRequest,
  progress: Progress,
): Promise<Imported> {
  const files = readFiles(request);
  const serverVersion = await versionOf(session, request);
  const marks = marksOf(request);
  const state = await stateOf(session, request, marks);
  switch (state) {
    case "foreign":
      throw await notEmpty(session, request);
    case "broken off in a migration":
      throw brokenOff(request);
    case "complete":
      progress("the import was complete already; it is only verified");
      await migrateLater(session, request, files.migrations, marks, progress);
      break;
    case "broken off":
    case "empty":
      if (state === "broken off") await empty(session, request, progress);
      await mark(session, request, marks.started);
      await fill(session, request, files, progress);
      await mark(session, request, marks.complete);
  }
  const seen = await verify(session, request, progress);
  return {
    objects: {
      baseTables: seen.baseTables.length,
      views: seen.views.length,
      foreignKeys: seen.foreignKeys.length,
    },
    serverVersion,
    schemaDigest: digestOf(request.schema),
    seedDigest: digestOf(request.seed),
    migrations: await recordedVersions(session, request.database),
  };
}

/** A comment on a database, defaults like uuid() and hashed unique keys are MariaDB's alone. */
async function versionOf(session: Session, request: ImportRequest): Promise<string> {
  const [row] = await session.query("SELECT VERSION() AS version");
  const version = String(row?.version);
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (version.includes("MariaDB") && (major > 10 || (major === 10 && minor >= 5))) return version;
  throw new Problem({
    what: "cannot import the database",
    object: objectOf(request),
    because: `the server is ${version}, and the schema needs MariaDB 10.5 or newer`,
    next: "install mariadb-server on the machine",
  });
}

// How far an import came

interface Marks {
  started: string;
  complete: string;
  migrating: string;
}

const markWord = "appliance import";

function marksOf({ schema, seed }: ImportRequest): Marks {
  const digests = `schema ${digestOf(schema)} seed ${digestOf(seed)}`;
  return {
    started: `${markWord} started`,
    complete: `${markWord} complete: ${digests}`,
    migrating: `${markWord} migrating: ${digests}`,
  };
}

type State = "empty" | "broken off" | "complete" | "broken off in a migration" | "foreign";

async function stateOf(session: Session, request: ImportRequest, marks: Marks): Promise<State> {
  const [row] = await session.query(
    "SELECT schema_comment AS comment FROM information_schema.schemata WHERE schema_name = ?",
    [request.database],
  );
  if (row?.comment === marks.started) return "broken off";
  if (row?.comment === marks.complete) return "complete";
  if (row?.comment === marks.migrating) return "broken off in a migration";
  return (await objectsIn(session, request.database)).length === 0 ? "empty" : "foreign";
}

async function mark(session: Session, { database }: ImportRequest, comment: string): Promise<void> {
  await session.query(`ALTER DATABASE ${quoteName(database)} COMMENT = '${comment}'`);
}

async function objectsIn(session: Session, database: string): Promise<Row[]> {
  return session.query(
    "SELECT table_name AS name, table_type AS type FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name",
    [database],
  );
}

async function empty(session: Session, request: ImportRequest, progress: Progress): Promise<void> {
  const objects = await objectsIn(session, request.database);
  progress(`an earlier import broke off: dropping the ${objects.length} objects that it made`);
  await session.query("SET FOREIGN_KEY_CHECKS = 0");
  for (const { name, type } of objects) {
    await session.query(`DROP ${type === "VIEW" ? "VIEW" : "TABLE"} IF EXISTS ${quoteName(String(name))}`);
  }
}

async function notEmpty(session: Session, request: ImportRequest): Promise<Problem> {
  const names = (await objectsIn(session, request.database)).map(({ name }) => String(name));
  return new Problem({
    what: "will not import into a database that is in use",
    object: objectOf(request),
    because: `it holds ${names.length} objects that no import of these files made: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", ..." : ""}`,
    next: "build on a clean machine: pulumi up --replace with the URN of the build instance",
  });
}

function brokenOff(request: ImportRequest): Problem {
  return new Problem({
    what: "a migration broke off in the middle",
    object: objectOf(request),
    because:
      "a statement that changes a table cannot be taken back, and rows of the product may be there by now",
    next: "restore the database from its last backup, or build on a clean machine: pulumi up --replace with the URN of the build instance",
  });
}

// Filling

const droppedFirst = "what this import made is dropped first";

async function fill(
  session: Session,
  request: ImportRequest,
  files: Files,
  progress: Progress,
): Promise<void> {
  const { database } = request;
  // Tables refer to each other in a circle, so no order of creation would satisfy the checks.
  await session.query("SET FOREIGN_KEY_CHECKS = 0, UNIQUE_CHECKS = 0");
  progress(`schema: ${files.schema.statements.length} statements`);
  await execute(session, database, files.schema, droppedFirst);
  await session.query("SET FOREIGN_KEY_CHECKS = 1, UNIQUE_CHECKS = 1");
  await seedTwice(session, request, files.seed, progress);
  const pending = await pendingMigrations(session, database, files.migrations);
  await applyMigrations(session, database, pending, droppedFirst, progress);
}

/** Migrations that came after the import was complete: what is there stays. */
async function migrateLater(
  session: Session,
  request: ImportRequest,
  migrations: readonly Migration[],
  marks: Marks,
  progress: Progress,
): Promise<void> {
  const { database } = request;
  const pending = await pendingMigrations(session, database, migrations);
  if (pending.length === 0) return;
  await mark(session, request, marks.migrating);
  const afterwards = "restore the database from its last backup before that";
  await applyMigrations(session, database, pending, afterwards, progress);
  await mark(session, request, marks.complete);
}

/** A seed that is run again must change nothing: on an appliance it may meet rows that are there. */
async function seedTwice(
  session: Session,
  request: ImportRequest,
  seed: SqlFile,
  progress: Progress,
): Promise<void> {
  const { database } = request;
  progress(`seed: ${seed.statements.length} statements, run twice`);
  const { baseTables } = await inspect(session, database);
  const counters = counterDifferences(baseTables);
  // Seen before the seed is: its own trace is wiped out afterwards, and a foreign counter with it.
  if (counters.length > 0) throw notAsDeclared(request, counters);
  const tables = baseTables.map(({ name }) => name);
  await execute(session, database, seed, droppedFirst);
  const first = await rowCounts(session, tables);
  await execute(session, database, { ...seed, label: "second run of the seed" }, droppedFirst);
  const second = await rowCounts(session, tables);
  const moved = tables.filter((table) => first.get(table) !== second.get(table));
  if (moved.length > 0) {
    throw new Problem({
      what: "the seed is not idempotent",
      object: objectOf(request),
      because: moved
        .map(
          (table) =>
            `${table} had ${first.get(table)} rows after the first run, ${second.get(table)} after the second`,
        )
        .join("; "),
      next: "make the seed insert only rows that are not there yet",
    });
  }
  await resetCounters(session, database);
}

/** Rows that INSERT IGNORE leaves out still use up ids; the second run of the seed is ours, so its trace goes. */
async function resetCounters(session: Session, database: string): Promise<void> {
  const { baseTables } = await inspect(session, database);
  for (const { name, nextId, highestId = 0 } of baseTables) {
    if (nextId !== undefined && nextId !== highestId + 1) {
      await session.query(`ALTER TABLE ${quoteName(name)} AUTO_INCREMENT = ${highestId + 1}`);
    }
  }
}

// Proof

async function verify(session: Session, request: ImportRequest, progress: Progress): Promise<SeenDatabase> {
  const seen = await inspect(session, request.database);
  const faults = [...differences(request.objects, seen), ...(await brokenViews(session, seen.views))];
  if (faults.length > 0) throw notAsDeclared(request, faults);
  progress(
    `verified ${seen.baseTables.length} base tables, ${seen.views.length} views, ${seen.foreignKeys.length} foreign keys`,
  );
  return seen;
}

function notAsDeclared(request: ImportRequest, faults: readonly string[]): Problem {
  return new Problem({
    what: "the imported database is not what its object list declares",
    object: objectOf(request),
    because: faults.map((fault) => `\n  - ${fault}`).join(""),
    next: "mend the schema or the object list, then run pulumi up again",
  });
}

function objectOf({ database, server }: ImportRequest): string {
  return `${database} on ${server}`;
}
