/** A proof as every form of the report shows it, and the few things that all of them compute from it. */
import type { CheckResult } from "../../../appliances/checks/types.ts";

export interface Proof {
  /** "oma". */
  appliance: string;
  /** "OSSEA Migration Appliance". */
  title: string;
  /** ISO 8601. */
  createdAt: string;
  /** Input of the build -> its digest. */
  fingerprint: Readonly<Record<string, string>>;
  /** What is known of the template: id, name, zone. */
  template: Readonly<Record<string, string>>;
  /** How the appliance is reached; never a secret. */
  connection: Readonly<Record<string, string>>;
  /** In the order in which they ran. */
  runs: readonly ProofRun[];
}

export interface ProofRun {
  phase: string;
  machine: string;
  results: readonly CheckResult[];
  seconds: number;
}

export interface Tally {
  passed: number;
  /** Red with severity error, unknown ones included. */
  failed: number;
  /** Red with severity warning. */
  warnings: number;
  total: number;
}

export function tally(results: readonly CheckResult[]): Tally {
  const red = results.filter(({ outcome }) => outcome !== "passed");
  const failed = red.filter(({ severity }) => severity === "error").length;
  return {
    passed: results.length - red.length,
    failed,
    warnings: red.length - failed,
    total: results.length,
  };
}

export function tallyOf(proof: Proof): Tally {
  return tally(proof.runs.flatMap(({ results }) => results));
}

/** A proof without a single check proves nothing, so it is not proved. */
export function isProved(proof: Proof): boolean {
  const { failed, total } = tallyOf(proof);
  return failed === 0 && total > 0 && proof.runs.every(({ results }) => results.length > 0);
}

/** "security" of "security/credential-key". */
export function folderOf(id: string): string {
  const slash = id.indexOf("/");
  return slash < 0 ? "other" : id.slice(0, slash);
}

export interface CheckRow {
  id: string;
  title: string;
  /** One for each run, in their order; undefined where the check does not belong to that phase. */
  results: readonly (CheckResult | undefined)[];
}

export interface Folder {
  name: string;
  rows: readonly CheckRow[];
}

/** Every check once, with its result in each run, grouped by folder in order of appearance. */
export function folders(runs: readonly ProofRun[]): Folder[] {
  const titles = new Map<string, string>();
  for (const { results } of runs) for (const { id, title } of results) titles.set(id, title);
  const grouped = new Map<string, CheckRow[]>();
  for (const [id, title] of titles) {
    const row = { id, title, results: runs.map(({ results }) => results.find((result) => result.id === id)) };
    const name = folderOf(id);
    grouped.set(name, [...(grouped.get(name) ?? []), row]);
  }
  return [...grouped].map(([name, rows]) => ({ name, rows }));
}

/** "412 ms", "3.1 s", "2 min 5 s". */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
