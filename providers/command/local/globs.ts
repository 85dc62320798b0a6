/** Path patterns: `*` and `?` stay in a folder, `**` does not; `[a-z]`, `[!a-z]`, `{one,other}`, `\` before a special. */
import { Problem } from "../../../common/problem.ts";

interface Rule {
  includes: boolean;
  matches: RegExp;
}

/** Rules in order: the last one that matches a path decides. */
export function pathRules(patterns: readonly string[]): (path: string) => boolean {
  const rules = patterns.map(ruleOf);
  return (path) => rules.findLast(({ matches }) => matches.test(path))?.includes ?? false;
}

function ruleOf(pattern: string): Rule {
  const excludes = pattern.startsWith("!");
  return { includes: !excludes, matches: expressionOf(excludes ? pattern.slice(1) : pattern) };
}

function expressionOf(pattern: string): RegExp {
  let source = "";
  let depth = 0;
  let rest = pattern;
  const take = (length: number, translated: string) => {
    source += translated;
    rest = rest.slice(length);
  };
  while (rest !== "") {
    const list = /^\[(!?)((?:\\.|[^\]])+)\]/u.exec(rest);
    if (rest.startsWith("**")) take(/^\*+/u.exec(rest)?.[0].length ?? 2, "[^]*");
    else if (rest.startsWith("*")) take(1, "[^/]*");
    else if (rest.startsWith("?")) take(1, "[^/]");
    else if (list) take(list[0].length, `[${list[1] ? "^" : ""}${list[2]?.replace(/[\^[\]]/gu, "\\$&")}]`);
    else if (rest.startsWith("{")) {
      depth++;
      take(1, "(?:");
    } else if (rest.startsWith("}") && depth > 0) {
      depth--;
      take(1, ")");
    } else if (rest.startsWith(",") && depth > 0) take(1, "|");
    else if (rest.startsWith("\\") && rest.length > 1) take(2, escaped(rest.charAt(1)));
    else take(1, escaped(rest.charAt(0)));
  }
  if (depth > 0) {
    throw new Problem({
      what: "cannot read the path pattern",
      object: pattern,
      because: "a { has no }",
      next: "close it, or write \\{ for the character itself",
    });
  }
  return new RegExp(`^${source}$`);
}

function escaped(character: string): string {
  return /[\^$.*+?()[\]{}|/\\]/u.test(character) ? `\\${character}` : character;
}
