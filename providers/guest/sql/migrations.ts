/**
 * Migrations: SQL files that change a schema step by step, applied once each, in the order of their versions, and kept
 * on record in the product's own table schema_migrations with a checksum of what was applied.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { Problem } from "../../../common/problem.ts";
import { execute, readSqlFile, type SqlFile } from "./execute.ts";
import type { Session } from "./inspect.ts";

/** The product's names: YYYYMMDDHHMMSS_name.up.sql. */
export const migrationFile = z
  .string()
  .regex(/^\d{14}_[a-z0-9_]+\.up\.sql$/u, "a migration's file is named YYYYMMDDHHMMSS_name.up.sql");

export const migrationFiles = z
  .array(z.strictObject({ file: migrationFile, sql: z.string() }))
  .refine((files) => new Set(files.map(({ file }) => versionOf(file))).size === files.length, {
    message: "two migrations with one version",
  });

export type MigrationFiles = z.infer<typeof migrationFiles>;

export interface Migration extends SqlFile {
  /** 14 digits. */
  version: string;
  /** "vma_enrollment_system". */
  name: string;
  /** SHA-256 of the file. */
  checksum: string;
}

/** In the order of their versions. @throws Problem when one cannot be cut into statements */
export function readMigrations(database: string, files: MigrationFiles): Migration[] {
  return files
    .map(({ file, sql }) => ({
      ...readSqlFile(database, `migration ${file}`, sql, false),
      version: versionOf(file),
      name: file.slice(15, -".up.sql".length),
      checksum: createHash("sha256").update(sql).digest("hex"),
    }))
    .sort((a, b) => a.version.localeCompare(b.version, "en"));
}

function versionOf(file: string): string {
  return file.slice(0, 14);
}

/**
 * The migrations that the database has not seen yet.
 * @throws Problem when one that was applied has another text now
 */
export async function pendingMigrations(
  session: Session,
  database: string,
  migrations: readonly Migration[],
): Promise<Migration[]> {
  if (migrations.length === 0) return [];
  await keepRecord(session);
  const rows = await session.query("SELECT version, checksum FROM schema_migrations");
  const applied = new Map(rows.map(({ version, checksum }) => [String(version), checksum]));
  const changed = migrations.filter(({ version, checksum }) => {
    const known = applied.get(version);
    return typeof known === "string" && known !== checksum;
  });
  if (changed.length > 0) throw changedProblem(database, changed);
  return migrations.filter(({ version }) => !applied.has(version));
}

/** Runs the given ones, each with its record. */
export async function applyMigrations(
  session: Session,
  database: string,
  pending: readonly Migration[],
  afterwards: string,
  progress: (line: string) => void,
): Promise<void> {
  for (const migration of pending) {
    progress(`${migration.label}: ${migration.statements.length} statements`);
    // Rows and their record come together; a statement that changes tables ends the transaction by itself.
    await session.query("START TRANSACTION");
    await execute(session, database, migration, afterwards).catch(async (error: unknown) => {
      await session.query("ROLLBACK");
      throw error;
    });
    await session.query("INSERT INTO schema_migrations (version, description, checksum) VALUES (?, ?, ?)", [
      migration.version,
      migration.name,
      migration.checksum,
    ]);
    await session.query("COMMIT");
  }
}

/** Every version on record, in order; none where nothing keeps a record. */
export async function recordedVersions(session: Session, database: string): Promise<string[]> {
  const [table] = await session.query(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_name = 'schema_migrations'",
    [database],
  );
  if (!table) return [];
  const rows = await session.query("SELECT version FROM schema_migrations ORDER BY version");
  return rows.map(({ version }) => String(version));
}

/** The product's table has no checksum, and dumps from before its first migration have no such table. */
async function keepRecord(session: Session): Promise<void> {
  await session.query(
    `CREATE TABLE IF NOT EXISTS schema_migrations (
       version varchar(14) NOT NULL PRIMARY KEY,
       description varchar(255) DEFAULT NULL,
       applied_at timestamp NULL DEFAULT current_timestamp()
     )`,
  );
  await session.query(
    "ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS checksum varchar(64) DEFAULT NULL",
  );
}

function changedProblem(database: string, changed: readonly Migration[]): Problem {
  return new Problem({
    what: "a migration was changed after it had been applied",
    object: `${database}: ${changed.map(({ label }) => label).join(", ")}`,
    because:
      "the database's record has another checksum, so what is in the database is not what the file says",
    next: "give the file its old text again, and put the change into a new migration",
  });
}
