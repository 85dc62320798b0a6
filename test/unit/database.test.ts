/** The OMA's SQL against a real MariaDB: complete by name, usable, and the seed is there once however often it runs. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseGate, databaseObjectChecks } from "../../appliances/database-objects.ts";
import { oma } from "../../appliances/oma.ts";
import { omaDatabaseObjects as objects } from "../../appliances/oma-database.ts";
import { readMigrations } from "../../providers/guest/sql/migrations.ts";
import { namedSet } from "../../providers/guest/sql/objects.ts";
import { type MariaDb, startMariaDb } from "../guest/support/mariadb.ts";

const folder = join(import.meta.dirname, "..", "..", "assets", "oma", "database");
const text = (name: string) => readFileSync(join(folder, name), "utf8");
const migrations = readdirSync(join(folder, "migrations")).map((name) => `migrations/${name}`);
const database = "migratekit_oma";

let server: MariaDb;

beforeAll(async () => {
  server = await startMariaDb();
  server.root(`CREATE DATABASE ${database} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`);
  server.root(text("schema.sql"), database);
  server.root(text("seed.sql"), database);
  for (const name of migrations) server.root(text(name), database);
});

afterAll(() => server?.stop());

function rows(query: string): string[] {
  return server.root(query, database).split("\n").filter(Boolean);
}

test("the set is the one that was agreed on: 26 base tables, 5 views, 32 foreign keys, and the enrolment's", () => {
  const later = (name: string) => /^vma_/u.test(name);
  expect(objects.baseTables.filter((name) => !later(name))).toHaveLength(26);
  expect(objects.foreignKeys.filter((name) => !later(name))).toHaveLength(32);
  expect(objects.views).toHaveLength(5);
  expect(objects.baseTables.filter(later)).toHaveLength(4);
  expect(objects.foreignKeys.filter(later)).toHaveLength(3);
  expect(namedSet.safeParse(objects)).toMatchObject({ success: true });
});

test("the schema alone makes the 31 objects of the build report", () => {
  const made = text("schema.sql").match(/^CREATE (TABLE|SQL SECURITY INVOKER VIEW)/gmu);
  expect(made).toHaveLength(31);
});

test("the gate and the checks of the objects hold, and name what is missing and what is too much", () => {
  const [tables, keys] = databaseObjectChecks(database, objects).map(({ probe }) =>
    probe.kind === "sql" ? probe.query : "",
  );
  const gate = databaseGate(database, objects);
  if (gate.kind !== "sql") throw new Error("the gate asks no database");
  const answers = () => [
    server.root(gate.query, gate.database).trim() === gate.equals,
    ...[tables, keys].map((query) => server.root(query ?? "", database).slice(0, -1)),
  ];
  expect(answers()).toEqual([true, "\t", "\t"]);
  server.root("RENAME TABLE vma_pairing_codes TO planted; DROP VIEW active_jobs", database);
  expect(answers()).toEqual([
    false,
    "table vma_pairing_codes, view active_jobs\ttable planted",
    "vma_pairing_codes.used_by_enrollment_id -> vma_enrollments.id\tplanted.used_by_enrollment_id -> vma_enrollments.id",
  ]);
  const [, view = ""] =
    /(CREATE SQL SECURITY INVOKER VIEW `active_jobs`[^;]*);/u.exec(text("schema.sql")) ?? [];
  server.root(`RENAME TABLE planted TO vma_pairing_codes; ${view}`, database);
  expect(answers()).toEqual([true, "\t", "\t"]);
});

test("the checks that plant faults by name plant them in what is there", () => {
  const plants = oma.checks.filter(({ id }) => id.startsWith("database/")).map(({ plant }) => plant);
  expect(plants.join()).toContain(`DROP VIEW ${objects.views[0]}`);
  expect(text("schema.sql")).toContain("`fk_job_steps_job_id`");
});

test("migrations bear the product's names and can be read", () => {
  const files = migrations.map((name) => ({ file: name.slice("migrations/".length), sql: text(name) }));
  expect(readMigrations(database, files).map(({ name }) => name)).toEqual(["vma_enrollment_system"]);
});

test("an enrolment takes its connections and its audit with it, and gives its pairing code back", () => {
  server.root(
    `INSERT INTO vma_enrollments (id, pairing_code, vma_public_key, expires_at) VALUES ('e', 'AAAA-BBBB-CCCC', 'key', '2030-01-01');
     INSERT INTO vma_active_connections (enrollment_id, vma_name, vma_fingerprint) VALUES ('e', 'vma', 'f');
     INSERT INTO vma_connection_audit (enrollment_id, event_type, event_details) VALUES ('e', 'approval', '{}');
     INSERT INTO vma_pairing_codes (pairing_code, generated_by, used_by_enrollment_id, expires_at) VALUES ('AAAA-BBBB-CCCC', 'a', 'e', '2030-01-01');
     UPDATE vma_enrollments SET status = 'approved'`,
    database,
  );
  expect(rows("SELECT status, expires_at FROM vma_enrollments")).toEqual(["approved\t2030-01-01 00:00:00"]);
  server.root("DELETE FROM vma_enrollments", database);
  expect(rows("SELECT COUNT(*) FROM vma_active_connections")).toEqual(["0"]);
  expect(rows("SELECT COUNT(*) FROM vma_connection_audit")).toEqual(["0"]);
  expect(rows("SELECT pairing_code, used_by_enrollment_id FROM vma_pairing_codes")).toEqual([
    "AAAA-BBBB-CCCC\tNULL",
  ]);
});

test.each([
  ["baseTables", "BASE TABLE"],
  ["views", "VIEW"],
] as const)("schema and migrations make exactly the %s that are named", (kind, type) => {
  const query = `SELECT table_name FROM information_schema.tables WHERE table_schema = '${database}' AND table_type = '${type}'`;
  expect(rows(query).sort()).toEqual([...objects[kind]].sort());
});

test("schema and migrations make exactly the foreign keys that are named", () => {
  const seen = rows(
    `SELECT CONCAT(k.table_name, '.', k.column_name, ' -> ', k.referenced_table_name, '.', k.referenced_column_name,
       IF(r.delete_rule IN ('RESTRICT', 'NO ACTION'), '', CONCAT(' ', r.delete_rule)))
     FROM information_schema.key_column_usage k
     JOIN information_schema.referential_constraints r
       ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
     WHERE k.table_schema = '${database}' AND k.referenced_table_name IS NOT NULL`,
  );
  expect(seen.sort()).toEqual([...objects.foreignKeys].sort());
});

test.each(objects.views)("the view %s answers", (view) => {
  expect(() => rows(`SELECT * FROM ${view}`)).not.toThrow();
});

test("a template row for each side, both inactive, with the first id", () => {
  expect(rows("SELECT id, name, is_active FROM ossea_configs")).toEqual(["1\tproduction-template\t0"]);
  expect(rows("SELECT id, credential_name, is_active, is_default FROM vmware_credentials")).toEqual([
    "1\tProduction-vCenter\t0\t0",
  ]);
});

test("the seed run again adds nothing and changes nothing an operator filled in", () => {
  server.root("UPDATE ossea_configs SET zone = 'zone-of-mine'", database);
  server.root(text("seed.sql"), database);
  expect(rows("SELECT COUNT(*), MAX(zone) FROM ossea_configs")).toEqual(["1\tzone-of-mine"]);
  expect(rows("SELECT COUNT(*) FROM vmware_credentials")).toEqual(["1"]);
});

test("no row of the seed connects anywhere or holds a secret", () => {
  expect(rows("SELECT COUNT(*) FROM ossea_configs WHERE is_active = 1")).toEqual(["0"]);
  expect(rows("SELECT COUNT(*) FROM vmware_credentials WHERE is_active = 1")).toEqual(["0"]);
  expect(text("seed.sql")).not.toMatch(/IDENTIFIED|\b\d{1,3}(\.\d{1,3}){3}\b/u);
});

test("no counter of another machine came along", () => {
  expect(text("schema.sql")).not.toMatch(/AUTO_INCREMENT\s*=\s*\d/u);
});
