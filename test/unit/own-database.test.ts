/** A database of one's own in place of the appliance's. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { oma } from "../../appliances/oma.ts";
import { Problem, Problems } from "../../common/problem.ts";
import { withOwnDatabase } from "../../inputs/own-database.ts";
import { readSources } from "../../inputs/sources.ts";
import { paths } from "../../toolchain/project.ts";

const assets = join(paths.root, "assets", "oma", "database");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "own-database-"));
  cpSync(join(assets, "schema.sql"), join(folder, "schema-only.sql"));
  cpSync(join(assets, "seed.sql"), join(folder, "initial-data.sql"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function put(name: string, text: string): void {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
}

function sqlOf(): { schema: string; migrations: string[]; gate: unknown; objects: unknown } {
  const appliance = withOwnDatabase(paths.root, oma, folder);
  const { sources, faults } = readSources(paths.root, appliance);
  expect(faults).toEqual([]);
  return {
    schema: sources.sql?.schema.path ?? "",
    migrations: sources.sql?.migrations.map(({ path }) => path) ?? [],
    gate: appliance.units.find(({ name }) => name === "mariadb.service")?.ready,
    objects: appliance.checks.find(({ id }) => id === "database/objects")?.probe,
  };
}

function faults(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof Problems) return error.problems.map(({ message }) => message);
    if (error instanceof Problem) return [error.message];
    throw error;
  }
  return [];
}

test("two files take the place of ours; migrations and objects stay ours", () => {
  const own = sqlOf();
  expect(own.schema).toBe(join(folder, "schema-only.sql"));
  expect(own.migrations).toEqual([
    "assets/oma/database/migrations/20250928200000_vma_enrollment_system.up.sql",
  ]);
  expect(own.gate).toEqual(oma.units.find(({ name }) => name === "mariadb.service")?.ready);
  expect(readSources(paths.root, oma).sources.sql?.schema.path).toBe("assets/oma/database/schema.sql");
});

test("migrations and objects beside them take the place of ours; gate and checks ask for those objects", () => {
  put("migrations/20260101000000_more.up.sql", "CREATE TABLE more (id int);");
  put("objects.yaml", "baseTables: [more]\nviews: [active_jobs]\n");
  const own = sqlOf();
  expect(own.migrations).toEqual([join(folder, "migrations/20260101000000_more.up.sql")]);
  expect(own.gate).toMatchObject({ equals: "1", query: expect.stringContaining("IN ('more')") });
  expect(own.objects).toMatchObject({ query: expect.stringContaining("'table more'") });
});

test("every file that is missing is told", () => {
  rmSync(join(folder, "schema-only.sql"));
  rmSync(join(folder, "initial-data.sql"));
  expect(faults(() => withOwnDatabase(paths.root, oma, folder))).toHaveLength(2);
  expect(faults(() => withOwnDatabase(paths.root, oma, "nowhere")).join()).toContain(
    "nowhere/schema-only.sql",
  );
});

test("a list of objects that cannot be used is told by its entries", () => {
  put("objects.yaml", "baseTables: [a]\nforeignKeys: [fk_a]\n");
  expect(faults(() => withOwnDatabase(paths.root, oma, folder)).join()).toContain("foreignKeys.0");
});

test("an appliance without a database takes none", () => {
  const { database: _, ...without } = oma;
  expect(faults(() => withOwnDatabase(paths.root, without, folder)).join()).toContain("has none");
});
