/** One run of a list of checks: look, and look again while a booting machine settles. */
import { setTimeout as sleep } from "node:timers/promises";
import type { AskedCheck, CheckResult } from "../../../appliances/checks/types.ts";
import { isRed } from "../report/model.ts";
import { resultsOf, type Verdict } from "./evaluate.ts";

export interface RunOptions {
  /** Looks at the machine once. */
  look: (checks: readonly AskedCheck[]) => Promise<readonly Verdict[]>;
  checks: readonly AskedCheck[];
  /** 0 looks once. Independent of the time that each probe may take. */
  timeoutSeconds: number;
  progress: (line: string) => void;
  /** What is red and may be is not waited for. */
  waive?: (results: CheckResult[]) => CheckResult[];
  signal?: AbortSignal;
  /** Pause between two looks, in seconds. */
  pauseSeconds?: number;
}

export interface Run {
  results: CheckResult[];
  seconds: number;
}

const defaultPauseSeconds = 2;

export async function runChecks(options: RunOptions): Promise<Run> {
  const { checks, look, progress, signal, timeoutSeconds } = options;
  const pause = (options.pauseSeconds ?? defaultPauseSeconds) * 1000;
  const began = performance.now();
  const deadline = began + timeoutSeconds * 1000;
  for (;;) {
    signal?.throwIfAborted();
    const results = resultsOf(checks, await look(checks));
    const red = (options.waive?.(results) ?? results).filter(isRed);
    const green = results.length - red.length;
    if (!red.some(({ severity }) => severity === "error") || performance.now() + pause > deadline) {
      progress(`${green} of ${results.length} checks green`);
      return { results, seconds: Math.round(performance.now() - began) / 1000 };
    }
    progress(`${green} of ${results.length} checks green, waiting for ${namesOf(red)}`);
    await sleep(pause, undefined, signal ? { signal } : {});
  }
}

function namesOf(results: readonly CheckResult[]): string {
  const names = results.slice(0, 3).map(({ title }) => title);
  const more = results.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
