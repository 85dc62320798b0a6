/** Commands that make no object of their own, and must not be given twice by an update after one that was cut off. */
import type { Context } from "../../rpc/index.ts";
import type { CloudStack } from "../client/client.ts";
import { type Waiting, waitForJob } from "../client/jobs.ts";
import type { Parameters } from "../client/signature.ts";
import { type Identity, jobIdOf } from "./identity.ts";

/**
 * For an effect that was looked for and is not there. The job's id is the same for every try: one that still runs is
 * waited for, and not begun again.
 * @param begun told the job's id as soon as there is one
 * @param failed nothing came of it
 */
export async function performOnce(
  { name, parameters }: { name: string; parameters: Parameters },
  identity: Identity,
  { client, signal }: Context<CloudStack>,
  waiting: Waiting,
  begun: (jobId: string) => void,
  failed: () => void,
): Promise<void> {
  for (let count = 0; ; count++) {
    const jobId = jobIdOf(identity, name, count);
    const known = await client.job(jobId, signal);
    if (known && known.jobstatus !== 0) continue;
    if (!known) await client.submit(name, parameters, signal, jobId);
    begun(jobId);
    const outcome = await waitForJob(client, name, jobId, waiting);
    if (outcome.kind !== "failed") return;
    failed();
    throw outcome.fault;
  }
}

/** Of a state that was written down before its command had ended. */
export async function endOfJob(
  state: { jobId?: string | undefined },
  { client }: Context<CloudStack>,
  waiting: Waiting,
): Promise<void> {
  if (state.jobId !== undefined) await waitForJob(client, "the job before", state.jobId, waiting);
}
