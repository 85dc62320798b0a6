/** Reads a database's shape and contents through information_schema. */
import type { SeenDatabase, SeenForeignKey, SeenTable } from "./objects.ts";

export type Row = Record<string, unknown>;

/** One session with the server; the rows of the answer, none for a statement without rows. */
export interface Session {
  query(sql: string, values?: readonly string[]): Promise<Row[]>;
}

export async function inspect(session: Session, database: string): Promise<SeenDatabase> {
  const [schema] = await session.query(
    "SELECT default_character_set_name AS characterSet, default_collation_name AS collation FROM information_schema.schemata WHERE schema_name = ?",
    [database],
  );
  const characterSet = String(schema?.characterSet);
  const tables = await session.query(
    "SELECT table_name AS name, table_type AS type, table_collation AS collation, auto_increment AS nextId FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name",
    [database],
  );
  const base = tables.filter(({ type }) => type === "BASE TABLE");
  return {
    characterSet,
    collation: String(schema?.collation),
    baseTables: await withHighestIds(session, database, base),
    views: tables.filter(({ type }) => type === "VIEW").map(({ name }) => String(name)),
    foreignKeys: await foreignKeys(session, database),
    strayColumns: await strayColumns(session, database, characterSet, new Set(base.map(({ name }) => name))),
  };
}

async function withHighestIds(session: Session, database: string, tables: Row[]): Promise<SeenTable[]> {
  const counted = await session.query(
    "SELECT table_name AS name, column_name AS `column` FROM information_schema.columns WHERE table_schema = ? AND extra LIKE '%auto_increment%'",
    [database],
  );
  const columnOf = new Map(counted.map(({ name, column }) => [String(name), String(column)]));
  const seen: SeenTable[] = [];
  for (const { name, collation, nextId } of tables) {
    const table = { name: String(name), collation: String(collation) };
    const column = columnOf.get(table.name);
    if (!column) {
      seen.push(table);
      continue;
    }
    const [highest] = await session.query(
      `SELECT COALESCE(MAX(${quoteName(column)}), 0) AS id FROM ${quoteName(table.name)}`,
    );
    seen.push({ ...table, nextId: Number(nextId ?? 1), highestId: Number(highest?.id) });
  }
  return seen;
}

async function foreignKeys(session: Session, database: string): Promise<SeenForeignKey[]> {
  const rows = await session.query(
    `SELECT k.table_name AS source, k.referenced_table_name AS target, r.delete_rule AS onDelete,
       GROUP_CONCAT(k.column_name ORDER BY k.ordinal_position SEPARATOR '+') AS sourceColumns,
       GROUP_CONCAT(k.referenced_column_name ORDER BY k.ordinal_position SEPARATOR '+') AS targetColumns
     FROM information_schema.key_column_usage k
     JOIN information_schema.referential_constraints r
       ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
     WHERE k.table_schema = ? AND k.referenced_table_name IS NOT NULL
     GROUP BY k.table_name, k.constraint_name, k.referenced_table_name, r.delete_rule
     ORDER BY k.table_name, k.constraint_name`,
    [database],
  );
  return rows.map(({ source, target, sourceColumns, targetColumns, onDelete }) => ({
    columns: `${source}.${sourceColumns} -> ${target}.${targetColumns}`,
    onDelete: String(onDelete),
  }));
}

async function strayColumns(
  session: Session,
  database: string,
  characterSet: string,
  tables: ReadonlySet<unknown>,
): Promise<string[]> {
  const rows = await session.query(
    "SELECT table_name AS name, column_name AS `column`, character_set_name AS used FROM information_schema.columns WHERE table_schema = ? AND character_set_name IS NOT NULL AND character_set_name <> ? ORDER BY table_name, ordinal_position",
    [database, characterSet],
  );
  return rows
    .filter(({ name }) => tables.has(name))
    .map(({ name, column, used }) => `${name}.${column} (${used})`);
}

/** Table name -> number of rows. */
export async function rowCounts(session: Session, tables: readonly string[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const table of tables) {
    const [row] = await session.query(`SELECT COUNT(*) AS number FROM ${quoteName(table)}`);
    counts.set(table, Number(row?.number));
  }
  return counts;
}

/** A view whose definer cannot log in exists and still fails when it is used. */
export async function brokenViews(session: Session, views: readonly string[]): Promise<string[]> {
  const faults: string[] = [];
  for (const view of views) {
    await session.query(`SELECT * FROM ${quoteName(view)} LIMIT 1`).catch((cause: Error) => {
      faults.push(`view ${view} cannot be read: ${cause.message}`);
    });
  }
  return faults;
}

export function quoteName(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}
