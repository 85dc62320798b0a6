/** What a file of SQL tells without a server: its statements, and the tables that it makes and refers to. */
import { type Statement, splitStatements, UnreadableSql } from "../../providers/guest/sql/split.ts";

export interface SqlText {
  path: string;
  statements: readonly Statement[];
  /** Where and why it cannot be cut into statements. */
  unreadable: { line: number; because: string } | undefined;
  /** In the order of the file. */
  tables: readonly { name: string; line: number }[];
  views: readonly string[];
  references: readonly Reference[];
  /** Whether the file itself switches the check of foreign keys off. */
  checksOff: boolean;
}

export interface Reference {
  from: string;
  to: string;
  line: number;
  /** Whether each of its columns may be empty. */
  optional: boolean;
}

const name = "`?([\\w$]+)`?";
const createTable = new RegExp(`^CREATE\\s+TABLE\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?${name}`, "iu");
const createView = new RegExp(`\\bVIEW\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?${name}\\s+AS\\b`, "iu");
const alterTable = new RegExp(`^ALTER\\s+TABLE\\s+${name}`, "iu");
const foreignKey = new RegExp(
  `FOREIGN\\s+KEY\\s*(?:${name}\\s*)?\\(([^)]*)\\)\\s*REFERENCES\\s+${name}`,
  "giu",
);

export function readSqlText(path: string, text: string): SqlText {
  const { statements, unreadable } = cut(text);
  const plain = statements.map(({ text: statement, line }) => ({ text: executed(statement), line }));
  return {
    path,
    statements,
    unreadable,
    tables: plain.flatMap(({ text: statement, line }) => {
      const found = createTable.exec(statement)?.[1];
      return found ? [{ name: found, line }] : [];
    }),
    views: viewsOf(plain),
    references: referencesOf(plain),
    checksOff: plain.some(({ text: statement }) => /\bFOREIGN_KEY_CHECKS\s*=\s*(0|OFF)\b/iu.test(statement)),
  };
}

function cut(text: string): Pick<SqlText, "statements" | "unreadable"> {
  try {
    return { statements: splitStatements(text), unreadable: undefined };
  } catch (error) {
    if (!(error instanceof UnreadableSql)) throw error;
    return { statements: [], unreadable: { line: error.line, because: error.message } };
  }
}

/** A statement as the server reads it: what stands in comments that it executes counts, the other comments do not. */
function executed(statement: string): string {
  return statement
    .replace(/\/\*M?!\d*([\s\S]*?)\*\//gu, "$1")
    .replace(/\/\*[\s\S]*?\*\/|(^|\n)\s*(--|#)[^\n]*/gu, "$1")
    .trim();
}

/** A dump makes each view twice: first as a stand-in, with a table's columns. */
function viewsOf(statements: readonly Statement[]): string[] {
  const names = statements.flatMap(({ text }) =>
    /^(CREATE|ALTER)\b/iu.test(text) ? (createView.exec(text)?.[1] ?? []) : [],
  );
  return [...new Set(names)];
}

function referencesOf(statements: readonly Statement[]): Reference[] {
  return statements.flatMap(({ text, line }) => {
    const from = createTable.exec(text)?.[1] ?? alterTable.exec(text)?.[1];
    if (!from) return [];
    return [...text.matchAll(foreignKey)].map(({ 2: columns = "", 3: to = "", index }) => ({
      from,
      to,
      line: line + text.slice(0, index).split("\n").length - 1,
      optional: columns.split(",").every((column) => mayBeEmpty(statements, from, column)),
    }));
  });
}

function mayBeEmpty(statements: readonly Statement[], table: string, column: string): boolean {
  const plain = column.replaceAll("`", "").trim();
  const made = statements.find(({ text }) => createTable.exec(text)?.[1] === table)?.text ?? "";
  const definition = new RegExp(`(?:^|[(,])\\s*\`?${plain}\`?\\s[^,\\n]*`, "mu").exec(made)?.[0] ?? "";
  return !/\bNOT\s+NULL\b/iu.test(definition);
}

/** Tables that refer to each other in a circle, each circle once, as a chain that ends where it began. */
export function circles(references: readonly Reference[]): string[][] {
  const found = new Map<string, string[]>();
  const follow = (chain: readonly string[]) => {
    const last = chain.at(-1) ?? "";
    for (const { to } of references.filter(({ from }) => from === last)) {
      const start = chain.indexOf(to);
      if (start < 0) follow([...chain, to]);
      else if (start < chain.length - 1) {
        const circle = chain.slice(start);
        const key = [...circle].sort().join();
        if (!found.has(key)) found.set(key, [...circle, to]);
      }
    }
  };
  for (const { from } of references) follow([from]);
  return [...found.values()];
}
