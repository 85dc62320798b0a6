/** What is asked of the cloud about a template, whoever captured it. */
import { setTimeout as delay } from "node:timers/promises";
import { Problem } from "../../../common/problem.ts";
import type { Context } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import type { CloudStack } from "../client/client.ts";
import { isFault } from "../client/faults.ts";
import { growingPauses, JobTimeout, perform } from "../client/jobs.ts";
import { waitingOf } from "./instance-api.ts";

/** Written with the request itself: tells a template that a killed update asked for from everybody else's. */
export const keyDetail = "pulumi-key";

export async function findTemplate(
  id: string,
  { client, signal }: Pick<Context<CloudStack>, "client" | "signal">,
): Promise<answers.Template | undefined> {
  try {
    const parameters = { templatefilter: "self", id };
    return (await client.list("listTemplates", answers.template, parameters, signal))[0];
  } catch (error) {
    if (isFault(error, "invalid")) return undefined;
    throw error;
  }
}

/** @param forced even while instances stand on it */
export async function removeTemplate(
  id: string,
  context: Context<CloudStack>,
  forced = false,
): Promise<void> {
  if (!(await findTemplate(id, context))) return;
  try {
    const parameters = { id, ...(forced && { forced: "true" }) };
    await perform(context.client, "deleteTemplate", parameters, waitingOf(context, "deleting the template"));
  } catch (error) {
    if (await findTemplate(id, context)) throw error;
  }
}

export function isFailed({ status }: answers.Template): boolean {
  return /error|fail|abandon/iu.test(status ?? "");
}

/** A job's end is a claim; the list is the evidence: ready, and of the same size in two looks one after the other. */
export async function waitUntilReady(id: string, name: string, context: Context<CloudStack>): Promise<void> {
  const { limitSeconds } = waitingOf(context, "");
  const begun = performance.now();
  let before: string | undefined;
  for (const pause of growingPauses()) {
    const found = await findTemplate(id, context);
    if (!found) throw cannotCapture(name, "the cloud lost the template after its job had ended well");
    if (isFailed(found)) throw cannotCapture(name, `the cloud says of it: ${found.status ?? ""}`);
    const sizes = found.isready ? `${found.size} ${found.physicalsize}` : undefined;
    if (sizes !== undefined && sizes === before) return;
    before = sizes;
    const seconds = (performance.now() - begun) / 1000;
    if (limitSeconds !== undefined && seconds > limitSeconds)
      throw new JobTimeout(`of template ${name}`, limitSeconds);
    if (seconds > 2) context.log.status(`waiting until ${name} is ready (${Math.round(seconds)} s)`);
    await delay(pause, undefined, { signal: context.signal });
  }
}

export function cannotCapture(object: string, because: string): Problem {
  return new Problem({
    what: "cannot capture the template",
    object,
    because,
    next: "pulumi refresh, then pulumi up",
  });
}
