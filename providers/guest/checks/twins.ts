/** Compares two machines of one template by their facts. Whatever is missing is unknown, never passed. */
import { isDeepStrictEqual } from "node:util";
import type { AskedTwinCheck, CheckResult } from "../../../appliances/checks/types.ts";

/** {"identity": {...}, "contents": {...}}; see assets/common/checks/machine-facts.sh */
export type MachineFacts = Readonly<Record<string, unknown>>;

const namedAtMost = 8;

export function compareTwins(
  checks: readonly AskedTwinCheck[],
  one: MachineFacts,
  other: MachineFacts,
): CheckResult[] {
  return checks.map((check) => {
    const { id, title, why, fix } = check;
    const judged = judge(check, valueAt(one, check.fact), valueAt(other, check.fact));
    return { id, title, group: "identity", severity: "error", ...judged, why, fix, seconds: 0 };
  });
}

type Judged = Pick<CheckResult, "outcome" | "detail">;

function judge(check: AskedTwinCheck, one: unknown, other: unknown): Judged {
  if (isMissing(one) && isMissing(other) && check.optional) {
    return { outcome: "passed", detail: "neither has one" };
  }
  if (isMissing(one) || isMissing(other)) {
    return { outcome: "unknown", detail: `${isMissing(one) ? "the first" : "the second"} machine has none` };
  }
  return check.must === "differ" ? judgeDifferent(one, other) : judgeEqual(one, other);
}

function judgeDifferent(one: unknown, other: unknown): Judged {
  const mine = parts(one);
  const theirs = parts(other);
  const unmatched = [...mine.keys()].filter((name) => !theirs.has(name) || isMissing(mine.get(name)));
  if (isNamed(one) && unmatched.length > 0) {
    return { outcome: "unknown", detail: `only one of them has ${listed(unmatched)}` };
  }
  const values = [...theirs.values()];
  const shared = [...mine].filter(([, value]) => values.some((each) => isDeepStrictEqual(each, value)));
  if (shared.length === 0) return { outcome: "passed", detail: `${mine.size} of ${mine.size} differ` };
  return {
    outcome: "failed",
    detail: `both have ${listed(shared.map(([name, value]) => told(name, value)))}`,
  };
}

function judgeEqual(one: unknown, other: unknown): Judged {
  const mine = parts(one);
  const theirs = parts(other);
  const names = new Set([...mine.keys(), ...theirs.keys()]);
  const moved = [...names].filter((name) => !isDeepStrictEqual(mine.get(name), theirs.get(name)));
  if (moved.length === 0) return { outcome: "passed", detail: `${names.size} of ${names.size} are equal` };
  return { outcome: "failed", detail: `they differ in ${listed(moved.map((name) => name || "the whole"))}` };
}

/** A record by its names, a list by its members, a text of several lines by its lines, else the value alone. */
function parts(value: unknown): Map<string, unknown> {
  if (isNamed(value)) return new Map(Object.entries(value));
  if (Array.isArray(value)) return new Map(value.map((member) => [String(member), member]));
  if (typeof value === "string" && value.includes("\n")) return parts(value.split("\n"));
  return new Map([["", value]]);
}

function isNamed(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === "" || parts(value).size === 0;
}

function told(name: string, value: unknown): string {
  if (name === "" || name === String(value)) return String(value);
  return name;
}

function listed(names: readonly string[]): string {
  const more = names.length - namedAtMost;
  return names.slice(0, namedAtMost).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** @param path members joined by dots; a dot of a name is written `\.` */
export function valueAt(facts: unknown, path: string): unknown {
  return namesIn(path).reduce<unknown>((value, name) => (isNamed(value) ? value[name] : undefined), facts);
}

export function namesIn(path: string): string[] {
  return path.split(/(?<!\\)\./u).map((name) => name.replaceAll("\\.", "."));
}
