/** Figures for people: medians of a run, and ratios between two things measured in the same run. */
import { formatSeconds } from "../../common/progress.ts";

export interface Series {
  title: string;
  /** Seconds. */
  seconds: number[];
}

export async function measured(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/**
 * Runs the candidates in turn, so that what disturbs the computer disturbs all of them alike.
 * @param rounds how often each one runs
 */
export async function inTurn(
  rounds: number,
  candidates: readonly { title: string; work: () => Promise<unknown> }[],
): Promise<Series[]> {
  const series = candidates.map(({ title }): Series => ({ title, seconds: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const [index, { work }] of candidates.entries()) {
      series[index]?.seconds.push(await measured(work));
    }
  }
  return series;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export function printSeries({ title, seconds }: Series): void {
  const range = `${formatSeconds(Math.min(...seconds))} to ${formatSeconds(Math.max(...seconds))}`;
  process.stdout.write(
    `${title}: median ${formatSeconds(median(seconds))} (${range}, ${seconds.length} runs)\n`,
  );
}

/** @returns whether the promise is kept */
export function printRatio(title: string, ratio: number, atMost: number): boolean {
  return printBound(`${title}: ${ratio.toFixed(2)} times`, ratio <= atMost, `at most ${atMost} times`);
}

export function printBound(text: string, kept: boolean, promise: string): boolean {
  process.stdout.write(`${text} (promised: ${promise}) ${kept ? "kept" : "NOT KEPT"}\n`);
  return kept;
}
