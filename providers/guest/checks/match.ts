import { isDeepStrictEqual } from "node:util";
import type { Matcher } from "../../../appliances/checks/types.ts";
import { brief } from "./words.ts";

export type Verdict =
  | { outcome: "passed" }
  /** `because` replaces the plain "saw ..." where it says more. */
  | { outcome: "failed" | "unknown"; because?: string };

const passed: Verdict = { outcome: "passed" };
const failed: Verdict = { outcome: "failed" };

export function verdictOf(matcher: Matcher, seen: unknown): Verdict {
  if ("equals" in matcher) return same(matcher.equals, seen) ? passed : failed;
  if ("not" in matcher) return same(matcher.not, seen) ? failed : passed;
  if ("oneOf" in matcher) return matcher.oneOf.some((wanted) => same(wanted, seen)) ? passed : failed;
  if ("matches" in matcher) return matchesText(matcher.matches, seen);
  if ("contains" in matcher) return membership(matcher.contains, seen, true);
  if ("lacks" in matcher) return membership(matcher.lacks, seen, false);
  if ("atLeast" in matcher) return compare(seen, (value) => value >= matcher.atLeast);
  if ("atMost" in matcher) return compare(seen, (value) => value <= matcher.atMost);
  if ("sameSet" in matcher) return sameSet(matcher.sameSet, seen);
  if ("empty" in matcher) return isEmpty(seen);
  return cannotJudge(matcher);
}

/** Data from a stack may name a matcher that this version does not have. */
function cannotJudge(matcher: never): Verdict {
  return {
    outcome: "unknown",
    because: `no such matcher: ${Object.keys(matcher as object).join(", ") || "{}"}`,
  };
}

/** Equal in depth; a number and its own text are the same, since databases answer in text. */
function same(wanted: unknown, seen: unknown): boolean {
  if (typeof wanted === "number" && typeof seen === "string") return String(wanted) === seen;
  if (typeof wanted === "string" && typeof seen === "number") return wanted === String(seen);
  return isDeepStrictEqual(wanted, seen);
}

function matchesText(pattern: string, seen: unknown): Verdict {
  if (typeof seen !== "string" && typeof seen !== "number") {
    return { outcome: "failed", because: `saw ${brief(seen)}, which is not a text` };
  }
  try {
    return new RegExp(pattern, "u").test(String(seen)) ? passed : failed;
  } catch {
    return { outcome: "unknown", because: "the pattern cannot be read" };
  }
}

function membership(wanted: unknown, seen: unknown, present: boolean): Verdict {
  if (typeof seen === "string" && typeof wanted === "string") {
    return seen.includes(wanted) === present ? passed : failed;
  }
  if (Array.isArray(seen)) return seen.some((member) => same(wanted, member)) === present ? passed : failed;
  return { outcome: "failed", because: `saw ${brief(seen)}, which has no members` };
}

function compare(seen: unknown, holds: (value: number) => boolean): Verdict {
  if (typeof seen !== "number")
    return { outcome: "failed", because: `saw ${brief(seen)}, which is not a number` };
  return holds(seen) ? passed : failed;
}

function sameSet(wanted: readonly unknown[], seen: unknown): Verdict {
  if (!Array.isArray(seen)) return { outcome: "failed", because: `saw ${brief(seen)}, which is not a list` };
  const missing = wanted.filter((member) => !seen.some((other) => same(member, other)));
  const extra = seen.filter((member) => !wanted.some((other) => same(other, member)));
  if (missing.length === 0 && extra.length === 0) return passed;
  const parts = [
    ...(missing.length > 0 ? [`missing: ${missing.map(brief).join(", ")}`] : []),
    ...(extra.length > 0 ? [`extra: ${extra.map(brief).join(", ")}`] : []),
  ];
  return { outcome: "failed", because: parts.join("; ") };
}

function isEmpty(seen: unknown): Verdict {
  if (typeof seen === "string" || Array.isArray(seen)) return seen.length === 0 ? passed : failed;
  if (typeof seen === "object" && seen !== null) return Object.keys(seen).length === 0 ? passed : failed;
  return { outcome: "failed", because: `saw ${brief(seen)}, which cannot be empty` };
}
