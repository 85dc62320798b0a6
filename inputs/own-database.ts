/**
 * A database of one's own in place of the appliance's: a folder with schema-only.sql and initial-data.sql, and where
 * they differ from ours, migrations/ and objects.yaml (what must be there afterwards, by name).
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { databaseGate, databaseObjectChecks } from "../appliances/database-objects.ts";
import type { Appliance, Database, DatabaseObjects } from "../appliances/types.ts";
import { Problem, Problems } from "../common/problem.ts";
import { parseNamedSet } from "../providers/guest/sql/objects.ts";

export const ownSchema = "schema-only.sql";
export const ownSeed = "initial-data.sql";
export const ownMigrations = "migrations";
export const ownObjects = "objects.yaml";

/**
 * @param root the project's folder
 * @param folder of the database, from the project's folder or absolute
 * @throws Problems naming each file that is missing or cannot be used
 */
export function withOwnDatabase(root: string, appliance: Appliance, folder: string): Appliance {
  const { database } = appliance;
  if (!database) throw withoutDatabase(appliance, folder);
  const missing = [ownSchema, ownSeed].filter((name) => !existsSync(resolve(root, folder, name)));
  if (missing.length > 0) {
    throw new Problems(
      `The database folder ${folder}`,
      missing.map((name) => missingFile(join(folder, name))),
    );
  }
  const objects = readObjects(root, join(folder, ownObjects));
  const own: Database = {
    ...database,
    schema: join(folder, ownSchema),
    seed: join(folder, ownSeed),
    migrations: existsSync(resolve(root, folder, ownMigrations))
      ? join(folder, ownMigrations)
      : database.migrations,
    objects: objects ?? database.objects,
  };
  return objects ? asking({ ...appliance, database: own }, own) : { ...appliance, database: own };
}

/** Gate and checks that ask for the objects of this database, in place of those that ask for the appliance's. */
function asking(appliance: Appliance, { name, objects }: Database): Appliance {
  const checks = new Map(databaseObjectChecks(name, objects).map((check) => [check.id, check]));
  return {
    ...appliance,
    checks: appliance.checks.map((check) => checks.get(check.id) ?? check),
    units: appliance.units.map((unit) =>
      unit.name === "mariadb.service" ? { ...unit, ready: databaseGate(name, objects) } : unit,
    ),
  };
}

function readObjects(root: string, path: string): DatabaseObjects | undefined {
  const file = resolve(root, path);
  if (!existsSync(file)) return undefined;
  const parsed = parseNamedSet(parse(readFileSync(file, "utf8")));
  if (parsed.ok) return parsed.set;
  throw new Problems(
    `The list of objects ${path} cannot be used`,
    parsed.faults.map(
      ({ path: place, reason }) =>
        new Problem({
          what: "malformed entry of the list of objects",
          object: `${path}: ${place || "the whole file"}`,
          because: reason,
          next: `edit ${path}; appliances/oma-database.ts shows the form`,
        }),
    ),
  );
}

function missingFile(path: string): Problem {
  return new Problem({
    what: "missing file of the database",
    object: path,
    because: "there is no such file",
    next: `put it there, or give another databaseFolder; npm run package -- --from FOLDER names every fault of a package`,
  });
}

function withoutDatabase({ title }: Appliance, folder: string): Problem {
  return new Problem({
    what: "a database folder for an appliance without a database",
    object: folder,
    because: `${title} has none`,
    next: "pulumi config rm databaseFolder",
  });
}
