/** Templates that past updates began to capture and the state never learned of. */
import { setTimeout as delay } from "node:timers/promises";
import type { Context, Predecessor } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import type { CloudStack } from "../client/client.ts";
import { isFault } from "../client/faults.ts";
import { growingPauses, waitForJob } from "../client/jobs.ts";
import { begunTag, type Identity, jobIdOf, keyTag, nameStem } from "./identity.ts";
import { waitingOf } from "./instance-api.ts";
import { tagsOf } from "./tags.ts";
import { findTemplate, isFailed, keyDetail, lostPatience, removeTemplate } from "./template-api.ts";

type Replacing = Context<CloudStack> & { predecessor: Predecessor };

export interface TemplateTries {
  unfinished: answers.Template[];
  /** Another template that has the name that the program wants. */
  stranger: answers.Template | undefined;
}

/** @param wanted the name as the program gives it */
export async function templateTries(
  wanted: string | undefined,
  identity: Identity,
  { client, signal, urn, predecessor }: Replacing,
): Promise<TemplateTries> {
  const rows = await client.list("listTemplates", answers.template, { templatefilter: "self" }, signal);
  const stem = nameStem(urn, identity);
  const unfinished = rows.filter(
    ({ name, details, tags }) =>
      (details[keyDetail] === identity.key ||
        tagsOf(tags)[begunTag]?.startsWith(`${identity.key}.`) === true ||
        (wanted === undefined && name.startsWith(stem))) &&
      !tags.some(({ key }) => key === keyTag),
  );
  const stranger = rows.find(
    (row) => row.name === wanted && !unfinished.includes(row) && !isReplaced(row, predecessor),
  );
  return { unfinished, stranger };
}

/** The one that goes when this one is there; its name may stay, since templates can share one. */
function isReplaced({ id, tags }: answers.Template, predecessor: Predecessor): boolean {
  switch (predecessor.kind) {
    case "none":
      return false;
    case "known":
      return id === predecessor.id;
    case "hidden":
      return tags.some(({ key }) => key === keyTag);
  }
}

export const captureCommand = "createTemplate";

/** The id of the next capture's job; those of the tries before it are known by it. */
export async function freshCaptureJob(identity: Identity, context: Context<CloudStack>): Promise<string> {
  return jobIdOf(identity, captureCommand, (await captureJobs(identity, context)).length);
}

async function captureJobs(
  identity: Identity,
  { client, signal }: Context<CloudStack>,
): Promise<{ jobId: string; templateId: string | undefined }[]> {
  const jobs: { jobId: string; templateId: string | undefined }[] = [];
  for (;;) {
    const jobId = jobIdOf(identity, captureCommand, jobs.length);
    const job = await client.job(jobId, signal);
    if (!job) return jobs;
    jobs.push({ jobId, templateId: job.jobinstanceid });
  }
}

/** A capture that was cut off may have been torn: it is removed, whatever came of it. */
export async function removeTemplateTries(
  unfinished: readonly answers.Template[],
  identity: Identity,
  context: Context<CloudStack>,
): Promise<void> {
  if (unfinished.length === 0) return;
  const jobs = await captureJobs(identity, context);
  for (const row of unfinished) {
    context.log.info(`template ${row.name} is left over from an update that was cut off: it is removed`);
    const job = jobs.find(({ templateId }) => templateId === row.id);
    await removeTry(row, job?.jobId, context);
  }
}

/** While the cloud still writes it, it cannot be deleted. */
async function removeTry(
  { id, name }: answers.Template,
  jobId: string | undefined,
  context: Context<CloudStack>,
): Promise<void> {
  const waiting = waitingOf(context, "waiting for the capture that was cut off");
  const outcome = jobId && (await waitForJob(context.client, captureCommand, jobId, waiting));
  const isKnown = outcome && outcome.kind !== "lost";
  if (!isKnown) await settled(id, context);
  try {
    await removeTemplate(id, context);
  } catch (error) {
    // What a management server was writing when it was restarted, nobody but an operator can remove.
    if (isKnown || !isFault(error, "internal") || (await findTemplate(id, context))?.isready) throw error;
    context.log.warning(
      `template ${name} (${id}) is unfinished for ever, and the cloud does not let go of it: have its operator remove it`,
    );
  }
}

async function settled(id: string, context: Context<CloudStack>): Promise<void> {
  const { limitSeconds = lostPatience } = waitingOf(context, "");
  const patience = Math.min(lostPatience, limitSeconds);
  const begun = performance.now();
  for (const pause of growingPauses()) {
    const found = await findTemplate(id, context);
    const seconds = (performance.now() - begun) / 1000;
    if (!found || found.isready || isFailed(found) || seconds > patience) return;
    if (seconds > 2)
      context.log.status(`waiting for the capture that was cut off (${Math.round(seconds)} s)`);
    await delay(pause, undefined, { signal: context.signal });
  }
}
