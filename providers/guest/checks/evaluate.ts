/** The machine's verdicts become results of the checks that were asked for; a verdict that is missing is unknown. */
import { z } from "zod";
import type { AskedCheck, CheckResult } from "../../../appliances/checks/types.ts";

const verdict = z.object({
  id: z.string(),
  outcome: z.enum(["passed", "failed", "unknown"]),
  detail: z.string(),
  seconds: z.number(),
});

export type Verdict = z.infer<typeof verdict>;

/** What the machine answers; see assets/common/probe/probe.py. */
export const verdictList = z.object({ verdicts: z.array(verdict) });

/** What the machine needs of a check. A script travels as its text: the machine has no copy of the project. */
export interface Question {
  id: string;
  probe: object;
  expect: AskedCheck["expect"];
}

export function resultsOf(checks: readonly AskedCheck[], verdicts: readonly Verdict[]): CheckResult[] {
  return checks.map(({ id, title, group, severity, why, fix }) => {
    const { outcome, detail, seconds } = verdicts.find((one) => one.id === id) ?? silent;
    return { id, title, group, severity, outcome, detail, why, fix, seconds };
  });
}

const silent = { outcome: "unknown", detail: "the machine gave no answer", seconds: 0 } as const;
