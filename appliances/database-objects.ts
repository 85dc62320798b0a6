/** What asks a machine's database for its objects by name: a unit's gate and the checks. */
import { sqlAnswers } from "./checks/make.ts";
import type { Check } from "./checks/types.ts";
import type { DatabaseObjects, Gate } from "./types.ts";

/** The database is ready when every base table that it must have is there. */
export function databaseGate(database: string, { baseTables }: DatabaseObjects): Gate {
  return {
    kind: "sql",
    database: "information_schema",
    query: `SELECT COUNT(*) FROM tables WHERE table_schema = '${database}' AND table_type = 'BASE TABLE' AND table_name IN (${quoted(baseTables)})`,
    equals: String(baseTables.length),
    timeoutSeconds: 60,
  };
}

/** Missing and extra objects are named in the report. */
export function databaseObjectChecks(
  database: string,
  { baseTables, views, foreignKeys }: DatabaseObjects,
): readonly Check[] {
  const objects = [...baseTables.map((name) => `table ${name}`), ...views.map((name) => `view ${name}`)];
  const [firstView = ""] = views;
  return [
    sqlAnswers({
      id: "database/objects",
      title: "Tables and views",
      why: "a schema that was imported by half fails at the first migration",
      fix: "look at the log of the resource oma-database-contents; it names what is missing",
      database,
      query: difference(
        objects,
        `SELECT CONCAT(IF(table_type = 'VIEW', 'view ', 'table '), table_name) AS name FROM information_schema.tables WHERE table_schema = '${database}'`,
      ),
      expect: nothing,
      plant: `mariadb ${database} -e 'DROP VIEW ${firstView}'`,
    }),
    sqlAnswers({
      id: "database/foreign-keys",
      title: "Foreign keys",
      why: "without them rows of removed machines stay, and the product trips over them",
      fix: "look at the log of the resource oma-database-contents; it names what is missing",
      database,
      query: difference(
        foreignKeys.map((key) => key.replace(/ (CASCADE|SET NULL|RESTRICT|NO ACTION)$/u, "")),
        `SELECT CONCAT(table_name, '.', column_name, ' -> ', referenced_table_name, '.', referenced_column_name) AS name FROM information_schema.key_column_usage WHERE table_schema = '${database}' AND referenced_table_name IS NOT NULL`,
      ),
      expect: nothing,
      plant: `mariadb ${database} -e 'ALTER TABLE job_steps DROP FOREIGN KEY fk_job_steps_job_id'`,
    }),
  ];
}

const nothing = { missing: { equals: "" }, extra: { equals: "" } };

/** One row: which of the wanted names the query `seen` does not give, and which others it gives. */
function difference(wanted: readonly string[], seen: string): string {
  const names = "COALESCE(GROUP_CONCAT(name ORDER BY name SEPARATOR ', '), '')";
  const all = wanted.map((name) => `SELECT '${name}' AS name`).join(" UNION ALL ");
  return [
    `SELECT (SELECT ${names} FROM (${all}) AS wanted WHERE name NOT IN (${seen})) AS missing`,
    `(SELECT ${names} FROM (${seen}) AS seen WHERE name NOT IN (${quoted(wanted)})) AS extra`,
  ].join(", ");
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(", ");
}
