import type { Matcher } from "../../../appliances/checks/types.ts";

const longest = 300;

/** A value on one line, cut when it is long. */
export function brief(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  const line = text.replace(/\s+/gu, " ").trim();
  if (line === "") return "an empty text";
  return line.length <= longest ? line : `${line.slice(0, longest)}...`;
}

export function describeMatcher(matcher: Matcher): string {
  if ("equals" in matcher) return `to be ${brief(matcher.equals)}`;
  if ("not" in matcher) return `not to be ${brief(matcher.not)}`;
  if ("oneOf" in matcher) return `to be one of ${matcher.oneOf.map(brief).join(", ")}`;
  if ("matches" in matcher) return `to match /${matcher.matches}/`;
  if ("contains" in matcher) return `to contain ${brief(matcher.contains)}`;
  if ("lacks" in matcher) return `not to contain ${brief(matcher.lacks)}`;
  if ("atLeast" in matcher) return `to be at least ${matcher.atLeast}`;
  if ("atMost" in matcher) return `to be at most ${matcher.atMost}`;
  if ("sameSet" in matcher) return `to be the set of ${matcher.sameSet.length} named members`;
  if ("empty" in matcher) return "to be empty";
  return "something unknown";
}
