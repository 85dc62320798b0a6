/** Reads SQL files and runs their statements; whatever fails is named by file and line. */
import { Problem } from "../../../common/problem.ts";
import type { Session } from "./inspect.ts";
import { type Statement, splitStatements, UnreadableSql } from "./split.ts";

/** A file of SQL, cut into statements before the first one runs. */
export interface SqlFile {
  /** For messages: "schema", "migration 20250928200000_vma_enrollment_system.up.sql". */
  label: string;
  statements: readonly Statement[];
}

/** @throws Problem when the text cannot be cut, or holds nothing where something must be */
export function readSqlFile(database: string, label: string, text: string, mayBeEmpty: boolean): SqlFile {
  try {
    const statements = splitStatements(text);
    if (statements.length > 0 || mayBeEmpty) return { label, statements };
    throw new UnreadableSql(1, "there is no statement in it");
  } catch (error) {
    if (!(error instanceof UnreadableSql)) throw error;
    throw new Problem({
      what: `cannot read the ${label} of the database`,
      object: `${database}, ${label} line ${error.line}`,
      because: error.message,
      next: `mend line ${error.line} of the ${label} file, then run pulumi up again`,
      cause: error,
    });
  }
}

/** @param afterwards what becomes of the statements that ran before, for the message */
export async function execute(
  session: Session,
  database: string,
  { label, statements }: SqlFile,
  afterwards: string,
): Promise<void> {
  for (const { text, line } of statements) {
    await session.query(text).catch((cause: unknown) => {
      throw new Problem({
        what: `a statement of the ${label} failed`,
        object: `${database}, ${label} line ${line}: ${text.replace(/\s+/gu, " ").slice(0, 120)}`,
        because: cause instanceof Error ? cause.message : String(cause),
        next: `mend line ${line} of the ${label} file, then run pulumi up again; ${afterwards}`,
        cause,
      });
    });
  }
}
