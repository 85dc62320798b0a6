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
}

export function findings(rules: readonly Rule[], subject: Subject): Finding[] {
  return rules.flatMap((rule) =>
    rule.examine(subject).map((fault) => ({
      rule: rule.id,
      severity: rule.severity,
      title: rule.title,
      ...fault,
      fix: rule.fix,
    })),
  );
}
