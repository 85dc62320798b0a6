/** Templates that past updates began to capture and the state never learned of. */
import { setTimeout as delay } from "node:timers/promises";
import type { Context, Predecessor } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import type { CloudStack } from "../client/client.ts";
import { growingPauses } from "../client/jobs.ts";
import { begunTag, type Identity, keyTag, nameStem } from "./identity.ts";
import { waitingOf } from "./instance-api.ts";
import { tagsOf } from "./tags.ts";
import { findTemplate, isFailed, keyDetail, removeTemplate } from "./template-api.ts";

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

/** A capture that was cut off may have been torn: it is removed, whatever came of it. */
export async function removeTemplateTries(
  unfinished: readonly answers.Template[],
  context: Context<CloudStack>,
): Promise<void> {
  for (const row of unfinished) {
    context.log.info(`template ${row.name} is left over from an update that was cut off: it is removed`);
    await endOfCapture(row.id, context);
    await removeTemplate(row.id, context);
  }
}

/** While the cloud still writes it, it cannot be deleted. */
async function endOfCapture(id: string, context: Context<CloudStack>): Promise<void> {
  const { limitSeconds } = waitingOf(context, "");
  const begun = performance.now();
  for (const pause of growingPauses()) {
    const found = await findTemplate(id, context);
    if (!found || found.isready || isFailed(found)) return;
    const seconds = (performance.now() - begun) / 1000;
    if (limitSeconds !== undefined && seconds > limitSeconds) return;
    if (seconds > 2)
      context.log.status(`waiting for the capture that was cut off (${Math.round(seconds)} s)`);
    await delay(pause, undefined, { signal: context.signal });
  }
}
