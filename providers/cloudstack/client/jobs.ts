/** Waiting for asynchronous jobs. */
import { setTimeout as delay } from "node:timers/promises";
import * as answers from "./answers.ts";
import type { CloudStack, Submitted } from "./client.ts";
import { CloudFault, type FaultKind, isFault, kindOfCode } from "./faults.ts";

export type JobOutcome =
  | { kind: "succeeded"; result: Record<string, unknown> }
  | { kind: "failed"; fault: CloudFault }
  /** The server lost it (a restart, or a job that was purged): only the object itself can tell. */
  | { kind: "lost" };

export interface Waiting {
  signal: AbortSignal;
  /** Gives up then; the job itself goes on in the cloud. */
  limitSeconds: number | undefined;
  /** Called after each look that found the job still running. */
  onPending?: (elapsedSeconds: number) => Promise<void> | void;
}

export class JobTimeout extends Error {
  readonly jobId: string;

  constructor(jobId: string, seconds: number) {
    super(`job ${jobId} still runs after ${seconds} s`);
    this.jobId = jobId;
  }
}

/** Milliseconds: quick at first, since small clouds are, then patient. */
const firstPause = 50;
const longestPause = 5000;
const growth = 1.4;

/** Milliseconds that jobs of a command took so far: the first look at the next one comes when it is about done. */
const experience = new WeakMap<CloudStack, Map<string, number>>();
const weightOfLast = 0.3;
const aboutDone = 0.9;
const afterwards = 0.25;

/** Jobs that are waited for now. */
const underWay = new WeakMap<CloudStack, number>();

/** How long a cloud that does not answer is waited for in the middle of a job, in seconds. */
const outage = 120;

/**
 * Pauses between looks at something that takes its time.
 * @param expected milliseconds, where it is known how long such a thing takes
 */
export function* growingPauses(expected = 0): Generator<number, never> {
  if (expected > firstPause) yield within(expected * aboutDone);
  for (let pause = within(expected * afterwards); ; pause = within(pause * growth)) yield pause;
}

const within = (pause: number) => Math.min(longestPause, Math.max(firstPause, pause));

export const jobsUnderWay = (cloud: CloudStack): number => underWay.get(cloud) ?? 0;

export async function waitForJob(
  cloud: CloudStack,
  command: string,
  jobId: string,
  waiting: Waiting,
): Promise<JobOutcome> {
  underWay.set(cloud, jobsUnderWay(cloud) + 1);
  try {
    return await lookedAfter(cloud, command, jobId, waiting);
  } finally {
    underWay.set(cloud, jobsUnderWay(cloud) - 1);
  }
}

async function lookedAfter(
  cloud: CloudStack,
  command: string,
  jobId: string,
  waiting: Waiting,
): Promise<JobOutcome> {
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1000;
  const left = () => Math.max(0, (waiting.limitSeconds ?? Number.POSITIVE_INFINITY) - elapsed()) * 1000;
  let reached = 0;
  for (const pause of growingPauses(experience.get(cloud)?.get(command))) {
    await delay(Math.min(pause, left() + firstPause), undefined, { signal: waiting.signal });
    try {
      const outcome = outcomeOf(command, await cloud.job(jobId, waiting.signal));
      if (outcome) {
        learn(cloud, command, performance.now() - begun);
        return outcome;
      }
      reached = elapsed();
      await waiting.onPending?.(reached);
    } catch (error) {
      if (!isFault(error, "unreachable", "unavailable") || elapsed() - reached > outage) throw error;
    }
    if (waiting.limitSeconds !== undefined && elapsed() > waiting.limitSeconds) {
      throw new JobTimeout(jobId, waiting.limitSeconds);
    }
  }
  throw new Error("unreachable");
}

function learn(cloud: CloudStack, command: string, took: number): void {
  const known = experience.get(cloud) ?? new Map<string, number>();
  const before = known.get(command) ?? took;
  experience.set(cloud, known.set(command, before + (took - before) * weightOfLast));
}

/** Submits, and waits until it is done. @throws CloudFault when it failed */
export async function perform(
  cloud: CloudStack,
  command: string,
  parameters: Readonly<Record<string, string>>,
  waiting: Waiting,
): Promise<Record<string, unknown> | undefined> {
  const { jobId }: Submitted = await cloud.submit(command, parameters, waiting.signal);
  const outcome = await waitForJob(cloud, command, jobId, waiting);
  if (outcome.kind === "failed") throw outcome.fault;
  return outcome.kind === "succeeded" ? outcome.result : undefined;
}

function outcomeOf(command: string, job: answers.Job | undefined): JobOutcome | undefined {
  if (!job) return { kind: "lost" };
  if (job.jobstatus === 0) return undefined;
  if (job.jobstatus === 1) return { kind: "succeeded", result: job.jobresult ?? {} };
  const failed = answers.failedResult.safeParse(job.jobresult);
  if (!job.jobresult || !failed.success) return { kind: "lost" };
  const code = failed.data.errorcode ?? job.jobresultcode ?? 530;
  const text = failed.data.errortext ?? "the job failed without a reason";
  return { kind: "failed", fault: new CloudFault({ kind: kindInJob(code), command, code, text }) };
}

/** What a role lacks is refused before there is a job: within one the same code says that it cannot be done so. */
function kindInJob(code: number): FaultKind {
  return code === 432 ? "invalid" : kindOfCode(code);
}
