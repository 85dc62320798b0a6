/** One run of a list of checks: gather every answer, judge, and gather again while a booting machine settles. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Check, CheckResult } from "../../../appliances/checks/types.ts";
import { evaluate, type ProbeAnswer } from "./evaluate.ts";

export interface RunOptions {
  /** Looks at the machine once: one answer for each check, in the same order. */
  gather: (checks: readonly Check[]) => Promise<readonly ProbeAnswer[]>;
  checks: readonly Check[];
  /** 0 looks once. Independent of the time that each probe may take. */
  timeoutSeconds: number;
  progress: (line: string) => void;
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
  const { checks, gather, progress, signal, timeoutSeconds } = options;
  const pause = (options.pauseSeconds ?? defaultPauseSeconds) * 1000;
  const began = performance.now();
  const deadline = began + timeoutSeconds * 1000;
  for (;;) {
    signal?.throwIfAborted();
    const answers = await gather(checks);
    const results = checks.map((check, position) =>
      evaluate(check, answers[position] ?? { error: "the machine gave no answer", seconds: 0 }),
    );
    const red = results.filter(isFault);
    const green = results.length - red.length;
    if (!red.some(({ severity }) => severity === "error") || performance.now() + pause > deadline) {
      progress(`${green} of ${results.length} checks green`);
      return { results, seconds: Math.round(performance.now() - began) / 1000 };
    }
    progress(`${green} of ${results.length} checks green, waiting for ${namesOf(red)}`);
    await sleep(pause, undefined, signal ? { signal } : {});
  }
}

export function isFault({ outcome }: CheckResult): boolean {
  return outcome !== "passed";
}

function namesOf(results: readonly CheckResult[]): string {
  const names = results.slice(0, 3).map(({ title }) => title);
  const more = results.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
