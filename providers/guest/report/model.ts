/** A proof as every form of the report shows it, and the few things that all of them compute from it. */

import { type CheckResult, type Group, groups } from "../../../appliances/checks/types.ts";
import type { ScreenLine } from "./screen.ts";

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
  inventory?: Inventory;
  /** The setup wizard's first screen. */
  screen?: readonly ScreenLine[];
}

/** What the proved machine is made of. */
export interface Inventory {
  os: string;
  kernel: string;
  /** Name -> version. */
  packages: Readonly<Record<string, string>>;
  /** How long the boot took; 0 if unknown. */
  bootSeconds: number;
  /** Service -> how long its start took. */
  unitSeconds: Readonly<Record<string, number>>;
  /** From the command to restart until SSH answered; 0 if it was not tried. */
  restartSeconds: number;
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
  /** Red, and somebody answers for it. */
  waived: number;
  total: number;
}

export function tally(results: readonly CheckResult[]): Tally {
  const waived = results.filter(({ outcome }) => outcome === "waived").length;
  const red = results.filter(isRed);
  const failed = red.filter(({ severity }) => severity === "error").length;
  return {
    passed: results.length - red.length - waived,
    failed,
    warnings: red.length - failed,
    waived,
    total: results.length,
  };
}

/** Neither green nor waived. */
export function isRed({ outcome }: Pick<CheckResult, "outcome">): boolean {
  return outcome !== "passed" && outcome !== "waived";
}

export function tallyOf(proof: Proof): Tally {
  return tally(proof.runs.flatMap(({ results }) => results));
}

/** A proof without a single check proves nothing, so it is not proved. */
export function isProved(proof: Proof): boolean {
  const { failed, total } = tallyOf(proof);
  return failed === 0 && total > 0 && proof.runs.every(({ results }) => results.length > 0);
}

export interface CheckRow {
  id: string;
  title: string;
  /** One for each run, in their order; undefined where the check does not belong to that phase. */
  results: readonly (CheckResult | undefined)[];
}

export interface CheckGroup {
  name: Group;
  rows: readonly CheckRow[];
}

/** Every check once, with its result in each run, by group in the order of the groups. */
export function grouped(runs: readonly ProofRun[]): CheckGroup[] {
  const first = new Map<string, CheckResult>();
  for (const { results } of runs) for (const result of results) first.set(result.id, result);
  const rows = [...first.values()].map(({ id, title, group }) => ({
    group,
    row: { id, title, results: runs.map(({ results }) => results.find((result) => result.id === id)) },
  }));
  return groups
    .map((name) => ({ name, rows: rows.filter(({ group }) => group === name).map(({ row }) => row) }))
    .filter((group) => group.rows.length > 0);
}

/** "412 ms", "3.1 s", "2 min 5 s". */
export function duration(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
