import type { CheckResult } from "../../../appliances/checks/types.ts";
import { Problem } from "../../../common/problem.ts";

/** Which red checks end an update. */
export type FailOn = "error" | "warning" | "never";

export interface RedRun {
  machine: string;
  phase: string;
  red: readonly CheckResult[];
  total: number;
  /** Of the report with this run in it. */
  path?: string | undefined;
}

/** One Problem for a whole run, with title, evidence and mending of each red check. */
export function redChecks({ machine, phase, red, total, path }: RedRun): Problem {
  const lines = red.map(
    ({ id, title, outcome, detail, fix }) =>
      `\n  - ${title} (${id})${outcome === "unknown" ? " could not be judged" : ""}\n      seen: ${detail}\n      fix:  ${fix}`,
  );
  return new Problem({
    what: `${red.length} of ${total} checks are red in phase ${phase}`,
    object: machine,
    because: lines.join(""),
    next: `mend what is named under fix, then run pulumi up again${path === undefined ? "" : `; the report is ${path}`}`,
  });
}
