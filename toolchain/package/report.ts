/** What an examination found, for people and for programs. */
import type { Finding } from "./rule.ts";

export function describeFindings(findings: readonly Finding[]): string[] {
  const groups = Map.groupBy(findings, ({ rule }) => rule);
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (!first) return [];
    return [
      "",
      `${first.severity === "error" ? "ERROR  " : "warning"}  does not hold: ${first.title}  [${first.rule}]`,
      ...members.slice(0, mostOfOne).map(({ object, because }) => `         ${object}: ${because}`),
      ...(members.length > mostOfOne
        ? [`         and ${members.length - mostOfOne} more (--json has all)`]
        : []),
      first.accepted === undefined ? `         next: ${first.fix}` : `         accepted: ${first.accepted}`,
    ];
  });
}

const mostOfOne = 12;

export function countFindings(findings: readonly Finding[]): { errors: number; warnings: number } {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  return { errors, warnings: findings.length - errors };
}

/** "2 errors, 1 warning" */
export function countText({ errors, warnings }: { errors: number; warnings: number }): string {
  const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;
  return `${plural(errors, "error")}, ${plural(warnings, "warning")}`;
}
