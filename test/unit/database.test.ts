/** The OMA's SQL against a real MariaDB: complete by name, usable, and the seed is there once however often it runs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { namedSet } from "../../providers/guest/sql/objects.ts";
import { type MariaDb, startMariaDb } from "../guest/support/mariadb.ts";

const folder = join(import.meta.dirname, "..", "..", "assets", "oma", "database");
const text = (name: string) => readFileSync(join(folder, name), "utf8");
const objects = namedSet.parse(parse(text("objects.yaml")));
const database = "migratekit_oma";

let server: MariaDb;

beforeAll(async () => {
  server = await startMariaDb();
  server.root(`CREATE DATABASE ${database} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`);
  server.root(text("schema.sql"), database);
  server.root(text("seed.sql"), database);
});

afterAll(() => server?.stop());

function rows(query: string): string[] {
  return server.root(query, database).split("\n").filter(Boolean);
}

test("the set is the one that was agreed on: 26 base tables, 5 views, 32 foreign keys", () => {
  expect(objects.baseTables).toHaveLength(26);
  expect(objects.views).toHaveLength(5);
  expect(objects.foreignKeys).toHaveLength(32);
});

test.each([
  ["baseTables", "BASE TABLE"],
  ["views", "VIEW"],
] as const)("the schema makes exactly the %s that are named", (kind, type) => {
  const query = `SELECT table_name FROM information_schema.tables WHERE table_schema = '${database}' AND table_type = '${type}'`;
  expect(rows(query).sort()).toEqual([...objects[kind]].sort());
});

test("the schema makes exactly the foreign keys that are named", () => {
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
