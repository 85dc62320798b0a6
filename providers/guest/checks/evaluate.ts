/** Judges what a machine answered against what a check expects. Whatever cannot be judged is unknown, never passed. */
import type { Check, CheckResult, Matcher } from "../../../appliances/checks/types.ts";
import { type Verdict, verdictOf } from "./match.ts";
import { brief, describeMatcher } from "./words.ts";

/** What the machine's probe runner returns for one probe. */
export type ProbeAnswer = { answer: unknown; seconds: number } | { error: string; seconds: number };

export function evaluate(check: Check, looked: ProbeAnswer): CheckResult {
  const judged = "error" in looked ? unknown(looked.error) : judge(check, looked.answer);
  const { id, title, severity, why, fix } = check;
  return { id, title, severity, ...judged, why, fix, seconds: looked.seconds };
}

interface Judgement {
  outcome: CheckResult["outcome"];
  detail: string;
}

function judge(check: Check, answer: unknown): Judgement {
  const expectations = Object.entries(check.expect);
  if (expectations.length === 0) return unknown("the check expects nothing, so it proves nothing");
  const verdicts = expectations.map(([path, matcher]) => judgeOne(path, matcher, answer));
  const worst = verdicts.find(({ outcome }) => outcome === "failed") ?? verdicts.find(isUnknown);
  if (!worst) return { outcome: "passed", detail: verdicts.map(({ detail }) => detail).join("; ") };
  const faults = verdicts.filter(({ outcome }) => outcome !== "passed");
  return { outcome: worst.outcome, detail: faults.map(({ detail }) => detail).join("; ") };
}

function judgeOne(path: string, matcher: Matcher, answer: unknown): Judgement {
  const subject = path === "" ? "" : `${path} `;
  const expected = `expected ${subject}${describeMatcher(matcher)}`;
  const found = valueAt(answer, path);
  if (!found.present) {
    const reason = whyAbsent(answer);
    if (reason) return { outcome: "failed", detail: `${expected}, but ${reason}` };
    return unknown(`${expected}, but the answer has no ${path}`);
  }
  const verdict: Verdict = verdictOf(matcher, found.value);
  if (verdict.outcome === "passed") return { outcome: "passed", detail: `${subject}${brief(found.value)}` };
  const told = whyAbsent(answer);
  const seen = verdict.because ?? `saw ${brief(found.value)}`;
  return { outcome: verdict.outcome, detail: `${expected}, ${seen}${told ? ` (${told})` : ""}` };
}

/** What the answer itself says about a value that is not there. */
function whyAbsent(answer: unknown): string | undefined {
  if (!isRecord(answer)) return undefined;
  if (typeof answer.error === "string") return answer.error;
  if (answer.exists === false) return "it does not exist";
  if (answer.defined === false) return "the variable is not defined";
  return undefined;
}

/** @param path members joined by dots, list positions as numbers: "json.status", "rows.0.count" */
function valueAt(answer: unknown, path: string): { present: true; value: unknown } | { present: false } {
  let value = answer;
  for (const member of path === "" ? [] : path.split(".")) {
    if (!(isRecord(value) || Array.isArray(value)) || !Object.hasOwn(value, member))
      return { present: false };
    value = (value as Record<string, unknown>)[member];
  }
  return { present: true, value };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isUnknown({ outcome }: Judgement): boolean {
  return outcome === "unknown";
}

function unknown(detail: string): Judgement {
  return { outcome: "unknown", detail };
}
