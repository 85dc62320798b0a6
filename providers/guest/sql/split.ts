/** Cuts a SQL file into statements, each with its line, so that a failing one can be named. */

export interface Statement {
  text: string;
  /** Line of the file on which it begins, from 1. */
  line: number;
}

/** What in a file cannot be cut. */
export class UnreadableSql extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * Semicolons outside of strings, quoted names and comments end a statement. Comments that the server executes
 * (`/*!` and `/*M!`) belong to their statement; others alone make none.
 * @throws UnreadableSql for an open string or comment, and for DELIMITER, which is a command of the mysql client
 */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  const text = sql.replace(/^\uFEFF/u, "");
  let from = 0;
  let begins: number | undefined;
  let line = 1;
  let at = 0;
  const flush = (end: number) => {
    if (begins !== undefined) statements.push({ text: text.slice(from, end).trim(), line: begins });
    from = end + 1;
    begins = undefined;
  };
  while (at < text.length) {
    const end = endOfToken(text, at, line);
    const token = text.slice(at, end);
    if (token === ";") flush(at);
    else if (begins === undefined && !isNothing(token)) {
      refuseDelimiter(text, at, line);
      begins = line;
      from = at;
    }
    line += countLines(token);
    at = end;
  }
  flush(text.length);
  return statements;
}

const closers: Record<string, string> = { "'": "'", '"': '"', "`": "`" };

/** End of the string, comment or single character that begins at a position. */
function endOfToken(text: string, at: number, line: number): number {
  const character = text[at] ?? "";
  const quote = closers[character];
  if (quote) return endOfQuoted(text, at, quote, line);
  if (character === "#") return endOfLine(text, at);
  if (character === "-" && /^--(\s|$)/u.test(text.slice(at, at + 3))) return endOfLine(text, at);
  if (character === "/" && text[at + 1] === "*") {
    const end = text.indexOf("*/", at + 2);
    if (end < 0) throw new UnreadableSql(line, "a comment is not closed");
    return end + 2;
  }
  return at + 1;
}

function endOfQuoted(text: string, at: number, quote: string, line: number): number {
  for (let next = at + 1; next < text.length; next++) {
    if (text[next] === "\\" && quote !== "`") next++;
    else if (text[next] === quote) {
      if (text[next + 1] !== quote) return next + 1;
      next++;
    }
  }
  throw new UnreadableSql(line, quote === "`" ? "a quoted name is not closed" : "a string is not closed");
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/** White space, or a comment that no server executes. */
function isNothing(token: string): boolean {
  if (token.trim() === "") return true;
  return /^(#|--)/u.test(token) || (token.startsWith("/*") && !/^\/\*M?!/u.test(token));
}

function refuseDelimiter(text: string, at: number, line: number): void {
  if (/^delimiter\s/iu.test(text.slice(at, at + 10))) {
    throw new UnreadableSql(line, "DELIMITER is a command of the mysql client, not SQL");
  }
}

function countLines(token: string): number {
  return token.split("\n").length - 1;
}
