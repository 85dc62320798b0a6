/** What is asked of the cloud about a template, whoever captured it. */
import type { Context } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import type { CloudStack } from "../client/client.ts";
import { isFault } from "../client/faults.ts";
import { perform } from "../client/jobs.ts";
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

export async function removeTemplate(id: string, context: Context<CloudStack>): Promise<void> {
  if (!(await findTemplate(id, context))) return;
  try {
    await perform(context.client, "deleteTemplate", { id }, waitingOf(context, "deleting the template"));
  } catch (error) {
    if (await findTemplate(id, context)) throw error;
  }
}

export function isFailed({ status }: answers.Template): boolean {
  return /error|fail|abandon/iu.test(status ?? "");
}
