import { expect, test } from "vitest";
import {
  differences,
  type NamedSet,
  parseNamedSet,
  type SeenDatabase,
} from "../../providers/guest/sql/objects.ts";

const declared = {
  baseTables: ["jobs", "steps"],
  views: ["active"],
  foreignKeys: ["steps.job_id -> jobs.id CASCADE"],
};

function setOf(value: unknown): NamedSet {
  const parsed = parseNamedSet(value);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.set;
}

const table = (name: string) => ({ name, collation: "utf8mb4_general_ci", nextId: 1, highestId: 0 });

const seen: SeenDatabase = {
  characterSet: "utf8mb4",
  collation: "utf8mb4_general_ci",
  baseTables: [table("jobs"), table("steps")],
  views: ["active"],
  foreignKeys: [{ columns: "steps.job_id -> jobs.id", onDelete: "CASCADE" }],
  strayColumns: [],
};

test("a database that is what was declared has no differences", () => {
  expect(differences(setOf(declared), seen)).toEqual([]);
});

test("the rule of a foreign key counts only where it is declared", () => {
  const free = setOf({ ...declared, foreignKeys: ["steps.job_id -> jobs.id"] });
  expect(differences(free, seen)).toEqual([]);
  const other = setOf({ ...declared, foreignKeys: ["steps.job_id -> jobs.id SET NULL"] });
  expect(differences(other, seen)).toEqual([
    "missing foreign key: steps.job_id -> jobs.id SET NULL",
    "extra foreign key: steps.job_id -> jobs.id CASCADE",
  ]);
});

test.each<[string, Partial<SeenDatabase>, string]>([
  ["a missing table", { baseTables: [table("jobs")] }, "missing base table: steps"],
  ["an extra table", { baseTables: [...seen.baseTables, table("old")] }, "extra base table: old"],
  ["a missing view", { views: [] }, "missing view: active"],
  ["an extra view", { views: ["active", "other"] }, "extra view: other"],
  ["a missing foreign key", { foreignKeys: [] }, "missing foreign key: steps.job_id -> jobs.id CASCADE"],
  [
    "the same foreign key twice",
    { foreignKeys: [...seen.foreignKeys, ...seen.foreignKeys] },
    "extra foreign key: steps.job_id -> jobs.id CASCADE",
  ],
  [
    "the server's own character set",
    { characterSet: "latin1" },
    "character set of the database: latin1, not utf8mb4",
  ],
  [
    "another collation",
    { collation: "utf8mb4_bin" },
    "collation of the database: utf8mb4_bin, not utf8mb4_general_ci",
  ],
  [
    "a table with another collation",
    { baseTables: [table("jobs"), { ...table("steps"), collation: "utf8mb4_unicode_ci" }] },
    "collation of steps: utf8mb4_unicode_ci, not utf8mb4_general_ci",
  ],
  [
    "a column in latin1",
    { strayColumns: ["jobs.name (latin1)"] },
    "column with another character set: jobs.name (latin1)",
  ],
  [
    "a counter of the machine that the dump was made on",
    { baseTables: [{ ...table("jobs"), nextId: 214 }, table("steps")] },
    "AUTO_INCREMENT of jobs: 214, not 1",
  ],
])("sees %s", (_name, planted, expected) => {
  expect(differences(setOf(declared), { ...seen, ...planted })).toEqual([expected]);
});

test("a table may be declared with its own collation", () => {
  const set = setOf({ ...declared, collations: { steps: "utf8mb4_unicode_ci" } });
  const other = {
    ...seen,
    baseTables: [table("jobs"), { ...table("steps"), collation: "utf8mb4_unicode_ci" }],
  };
  expect(differences(set, other)).toEqual([]);
  expect(differences(set, seen)).toHaveLength(1);
});

test("the counter follows the highest row", () => {
  const filled = { ...seen, baseTables: [{ ...table("jobs"), nextId: 3, highestId: 2 }, table("steps")] };
  expect(differences(setOf(declared), filled)).toEqual([]);
});

test.each([
  ["no tables", { baseTables: [] }, "baseTables"],
  ["a mistyped key", { ...declared, tables: [] }, ""],
  ["a foreign key of another form", { ...declared, foreignKeys: ["fk_steps_job"] }, "foreignKeys.0"],
])("refuses %s", (_name, value, path) => {
  const parsed = parseNamedSet(value);
  expect(parsed.ok ? [] : parsed.faults.map((fault) => fault.path)).toContain(path);
});
