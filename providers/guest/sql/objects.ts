/** The named set of objects that a database must hold. Never a bare count: 31 of the wrong tables is wrong. */
import { z } from "zod";

const foreignKey = z
  .string()
  .regex(
    /^\w+\.\w+ -> \w+\.\w+( (CASCADE|SET NULL|RESTRICT|NO ACTION))?$/u,
    "a foreign key is written `table.column -> table.column`, and its ON DELETE rule may follow: `... CASCADE`",
  );

export const namedSet = z.strictObject({
  baseTables: z.array(z.string().min(1)).min(1),
  views: z.array(z.string().min(1)).default([]),
  foreignKeys: z.array(foreignKey).default([]),
  characterSet: z.string().default("utf8mb4"),
  collation: z.string().default("utf8mb4_general_ci"),
  /** Tables with another collation than the database's: vm_export_mappings -> utf8mb4_unicode_ci. */
  collations: z.record(z.string(), z.string()).default({}),
});

export type NamedSet = z.infer<typeof namedSet>;

export type ParsedSet =
  | { ok: true; set: NamedSet }
  | { ok: false; faults: { path: string; reason: string }[] };

export function parseNamedSet(value: unknown): ParsedSet {
  const parsed = namedSet.safeParse(value);
  if (parsed.success) return { ok: true, set: parsed.data };
  return {
    ok: false,
    faults: parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), reason: message })),
  };
}

/** What information_schema says about the database. */
export interface SeenDatabase {
  characterSet: string;
  collation: string;
  baseTables: readonly SeenTable[];
  views: readonly string[];
  foreignKeys: readonly SeenForeignKey[];
  /** Columns that hold text in another character set than the database's: "table.column (latin1)". */
  strayColumns: readonly string[];
}

export interface SeenTable {
  name: string;
  collation: string;
  /** Next value of AUTO_INCREMENT; undefined for a table without one. */
  nextId?: number;
  /** Highest value in use; 0 for an empty table. */
  highestId?: number;
}

export interface SeenForeignKey {
  /** "table.column -> table.column"; the columns of a composite key are joined by "+". */
  columns: string;
  onDelete: string;
}

/** Every difference, in words; empty when the database is what was declared. */
export function differences(set: NamedSet, seen: SeenDatabase): string[] {
  return [
    ...setDifference(
      "base table",
      set.baseTables,
      seen.baseTables.map(({ name }) => name),
    ),
    ...setDifference("view", set.views, seen.views),
    ...foreignKeyDifference(set.foreignKeys, seen.foreignKeys),
    ...collationDifference(set, seen),
    ...seen.strayColumns.map((column) => `column with another character set: ${column}`),
    ...counterDifferences(seen.baseTables),
  ];
}

function setDifference(kind: string, wanted: readonly string[], seen: readonly string[]): string[] {
  return [
    ...wanted.filter((name) => !seen.includes(name)).map((name) => `missing ${kind}: ${name}`),
    ...seen.filter((name) => !wanted.includes(name)).map((name) => `extra ${kind}: ${name}`),
  ];
}

function foreignKeyDifference(wanted: readonly string[], seen: readonly SeenForeignKey[]): string[] {
  const left = [...seen];
  const missing = wanted.filter((key) => {
    const position = left.findIndex((other) => key === other.columns || key === withRule(other));
    if (position >= 0) left.splice(position, 1);
    return position < 0;
  });
  return [
    ...missing.map((key) => `missing foreign key: ${key}`),
    ...left.map((key) => `extra foreign key: ${withRule(key)}`),
  ];
}

function withRule({ columns, onDelete }: SeenForeignKey): string {
  return `${columns} ${onDelete}`;
}

function collationDifference(set: NamedSet, seen: SeenDatabase): string[] {
  const faults: string[] = [];
  if (seen.characterSet !== set.characterSet) {
    faults.push(`character set of the database: ${seen.characterSet}, not ${set.characterSet}`);
  }
  if (seen.collation !== set.collation) {
    faults.push(`collation of the database: ${seen.collation}, not ${set.collation}`);
  }
  for (const { name, collation } of seen.baseTables) {
    const wanted = set.collations[name] ?? set.collation;
    if (collation !== wanted) faults.push(`collation of ${name}: ${collation}, not ${wanted}`);
  }
  return faults;
}

/** A dump carries the counters of the machine that it was made on; then the first row does not get id 1. */
export function counterDifferences(tables: readonly SeenTable[]): string[] {
  return tables.flatMap(({ name, nextId, highestId = 0 }) =>
    nextId === undefined || nextId === highestId + 1
      ? []
      : [`AUTO_INCREMENT of ${name}: ${nextId}, not ${highestId + 1}`],
  );
}
