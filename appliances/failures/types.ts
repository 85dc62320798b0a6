/**
 * A failure that was seen in the field: what a person saw, what it came from, what sees it now, and what to do. The
 * troubleshooting guide is made from these records, and a test plants each one that concerns an appliance.
 */
export interface FieldFailure {
  /** "api-crashes-at-start": unique, and the heading's anchor in the guide. */
  id: string;
  /** Names of appliances: "oma", "vma". */
  appliances: readonly string[];
  /** What one sees, as one would tell it to a colleague. */
  symptom: string;
  cause: string;
  /** What to do about it, with the command where there is one. */
  remedy: string;
  /** What sees it before a customer does; empty while nothing does. */
  caughtBy: readonly Catcher[];
}

export type Catcher =
  /**
   * A check of each of the appliances, by its id. `plant` brings the failure about as root in a machine, where that is
   * another thing than the fault of the check's own record; the mutation run does it.
   */
  | { check: string; plant?: string }
  /** A rule of `npm run package`, by its id. */
  | { packageRule: string }
  /** A file of this project that refuses it or cannot do it: a build step, the guest provider, a unit. */
  | { source: string };
