/** Instances that past updates asked for and the state never learned of. */
import type { Context } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import { findAll, type Listing } from "../client/batches.ts";
import type { CloudStack } from "../client/client.ts";
import { begunTag, type Identity, keyTag, mark, nameHasDigest, nameStem } from "./identity.ts";
import { destroyInstance, isAlive, waitingOf } from "./instance-api.ts";
import { tagsOf } from "./tags.ts";

export interface Tries {
  /** Those of this object that the state does not know. */
  unfinished: answers.Instance[];
  /** Another instance that has the name that the program wants. */
  stranger: answers.Instance | undefined;
}

const instances: Listing<answers.Instance> = { command: "listVirtualMachines", row: answers.instance };

/** As CloudStack's keyword finds it, and by the tag of a try whose names are the program's. */
function bears({ name, displayname }: answers.Instance, text: string): boolean {
  return [name, displayname].some((label) => label?.toLowerCase().includes(text.toLowerCase()));
}

/** @param name as the program gives it */
export async function triesAt(
  name: string | undefined,
  identity: Identity,
  { client, urn }: Context<CloudStack>,
): Promise<Tries> {
  const stem = nameStem(urn, identity);
  const found = new Map<string, answers.Instance>();
  for (const text of name === undefined ? [stem] : [stem, name]) {
    const rows = await findAll(client, instances, text, (keyword) => ({ keyword }), bears);
    for (const row of rows.filter(isAlive)) found.set(row.id, row);
  }
  const alive = [...found.values()];
  const unfinished = alive.filter(
    (row) => tagsOf(row.tags)[keyTag] === undefined && tryAt(row, stem, identity) !== undefined,
  );
  return { unfinished, stranger: alive.find((row) => row.name === name && !unfinished.includes(row)) };
}

/** Whether the row is a try at this object, with the inputs that it has now or with others. */
export function tryAt(row: answers.Instance, stem: string, identity: Identity): "same" | "other" | undefined {
  const begun = tagsOf(row.tags)[begunTag];
  if (begun === mark(identity)) return "same";
  if (begun !== undefined) return begun.startsWith(`${identity.key}.`) ? "other" : undefined;
  const label = [row.name, row.displayname].find((text) => text?.startsWith(stem));
  if (label === undefined) return undefined;
  return nameHasDigest(stem, label, identity) ? "same" : "other";
}

export async function removeTry(row: answers.Instance, context: Context<CloudStack>): Promise<void> {
  context.log.info(`instance ${row.name} is left over from an update that was cut off: it is removed`);
  await destroyInstance(context.client, row.id, true, waitingOf(context, `removing ${row.name}`));
}
