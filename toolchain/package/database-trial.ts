/**
 * Fills a database of a real server with a package's SQL, as the build would, but goes on after a fault, so that every
 * one of them is seen in one look.
 */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { Problem } from "../../common/problem.ts";
import {
  brokenViews,
  inspect,
  quoteName,
  type Row,
  rowCounts,
  type Session,
} from "../../providers/guest/sql/inspect.ts";
import {
  applyMigrations,
  type MigrationFiles,
  pendingMigrations,
  readMigrations,
} from "../../providers/guest/sql/migrations.ts";
import { differences, type NamedSet, type SeenDatabase } from "../../providers/guest/sql/objects.ts";
import { withSession } from "../../providers/guest/sql/session.ts";
import { schema, seed } from "./layout.ts";
import type { SqlText } from "./sql-text.ts";
import type { TemporaryMariaDb } from "./temporary-mariadb.ts";

export interface Trial {
  /** Statements that the server refused, in the order of the files. */
  refused: readonly Refusal[];
  /** Statements of the seed that it refused in the second run alone. */
  refusedAgain: readonly Refusal[];
  /** Tables whose number of rows moved in the seed's second run. */
  moved: readonly string[];
  /** Why the migrations could not be applied. */
  migrationFault: string | undefined;
  /** Between the schema and the seed. */
  made: SeenDatabase;
  /** In words, between what must be there and what is, after everything. */
  differences: readonly string[];
  brokenViews: readonly string[];
  /** Rows of the configuration's tables after the seed: table -> rows. */
  templates: ReadonlyMap<string, readonly Row[]>;
}

export interface Refusal {
  path: string;
  line: number;
  because: string;
}

export interface TrialRequest {
  database: { name: string; user: string; characterSet: string; collation: string };
  sql: readonly SqlText[];
  migrations: MigrationFiles;
  objects: NamedSet;
}

const templateTables = ["ossea_configs", "vmware_credentials"];

export async function tryDatabase(server: TemporaryMariaDb, request: TrialRequest): Promise<Trial> {
  const { name, user, characterSet, collation } = request.database;
  const password = randomBytes(16).toString("hex");
  server.root(`
    DROP DATABASE IF EXISTS ${quoteName(name)};
    CREATE DATABASE ${quoteName(name)} CHARACTER SET ${characterSet} COLLATE ${collation};
    CREATE OR REPLACE USER ${quoteName(user)}@localhost IDENTIFIED BY '${password}';
    GRANT ALL ON ${quoteName(name)}.* TO ${quoteName(user)}@localhost;`);
  const tunnel = { forward: async () => connect(server.socket) };
  const access = { name, user, password, host: "localhost", port: 3306 };
  return withSession(tunnel, access, "a temporary server", undefined, (session) => fill(session, request));
}

async function fill(session: Session, { database, sql, migrations, objects }: TrialRequest): Promise<Trial> {
  const file = (path: string) => sql.find((one) => one.path === path);
  await session.query("SET FOREIGN_KEY_CHECKS = 0, UNIQUE_CHECKS = 0");
  const refusedSchema = await runAll(session, file(schema));
  await session.query("SET FOREIGN_KEY_CHECKS = 1, UNIQUE_CHECKS = 1");
  const made = await inspect(session, database.name);
  const tables = made.baseTables.map(({ name }) => name);
  const refusedSeed = await runAll(session, file(seed));
  const first = await rowCounts(session, tables);
  const again = await runAll(session, file(seed));
  const second = await rowCounts(session, tables);
  const templates = new Map<string, readonly Row[]>();
  for (const table of templateTables.filter((one) => tables.includes(one))) {
    templates.set(table, await session.query(`SELECT * FROM ${quoteName(table)}`));
  }
  const migrationFault = await migrate(session, database.name, migrations);
  const seen = await inspect(session, database.name);
  return {
    refused: [...refusedSchema, ...refusedSeed],
    refusedAgain: again.filter(({ line }) => !refusedSeed.some((one) => one.line === line)),
    moved: tables.filter((table) => first.get(table) !== second.get(table)),
    migrationFault,
    made,
    differences: differences(objects, seen),
    brokenViews: await brokenViews(session, seen.views),
    templates,
  };
}

async function runAll(session: Session, file: SqlText | undefined): Promise<Refusal[]> {
  const refused: Refusal[] = [];
  for (const { text, line } of file?.statements ?? []) {
    await session.query(text).catch((error: unknown) => {
      const because = error instanceof Error ? error.message : String(error);
      refused.push({ path: file?.path ?? "", line, because });
    });
  }
  return refused;
}

async function migrate(
  session: Session,
  database: string,
  files: MigrationFiles,
): Promise<string | undefined> {
  try {
    const pending = await pendingMigrations(session, database, readMigrations(database, files));
    await applyMigrations(session, database, pending, "", () => {});
    return undefined;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return `${error.object}: ${error.because}`;
  }
}
