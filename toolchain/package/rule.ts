/**
 * A rule of `npm run package` is a record: what it looks at, why it matters, how to mend it, and which fault its own
 * test plants into a good package. Rules are pure: everything was read before the first one runs.
 */
import type { Subject } from "./subject.ts";

export interface Rule {
  /** "gui/build-id": folder/name, unique. */
  id: string;
  title: string;
  /** A warning lets the package through. */
  severity: "error" | "warning";
  why: string;
  /** What a person should do, with the command where there is one. */
  fix: string;
  /** The fault that its test plants: shell commands run in the folder of a good package. */
  plant: string;
  examine(subject: Subject): Fault[];
}

export interface Fault {
  /** "database/schema-only.sql line 12", "binaries/oma-api". */
  object: string;
  /** What was seen; never a secret. */
  because: string;
}

export interface Finding extends Fault {
  rule: string;
  severity: Rule["severity"];
  title: string;
  fix: string;
  /** Why a person accepts it all the same; an error is a warning then. */
  accepted?: string;
}

/** @param accepted rule -> reason  @returns errors before warnings, each in the order of the rules */
export function findings(
  rules: readonly Rule[],
  subject: Subject,
  accepted: ReadonlyMap<string, string>,
): Finding[] {
  const all = rules.flatMap((rule) => {
    const reason = accepted.get(rule.id);
    return rule.examine(subject).map(
      (fault): Finding => ({
        rule: rule.id,
        severity: reason === undefined ? rule.severity : "warning",
        title: rule.title,
        ...fault,
        fix: rule.fix,
        ...(reason === undefined ? {} : { accepted: reason }),
      }),
    );
  });
  const of = (severity: Rule["severity"]) => all.filter((finding) => finding.severity === severity);
  return [...of("error"), ...of("warning")];
}
