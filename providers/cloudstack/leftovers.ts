/**
 * What an update that was killed had begun, for a stack that is destroyed before another update could take it up: the
 * engine's state names it as a pending operation, without an id.
 */
import { z } from "zod";
import type { Context, Log, Predecessor } from "../rpc/index.ts";
import type { CloudStack } from "./client/client.ts";
import { identityOf } from "./resources/identity.ts";
import { settledInstance, waitingOf } from "./resources/instance-api.ts";
import { removeTry, triesAt } from "./resources/instance-tries.ts";
import { attempt } from "./resources/problems.ts";
import { removeTemplateTries, templateTries } from "./resources/template-tries.ts";

const inputs = z.object({ name: z.string().optional().catch(undefined) }).catch({});
const resource = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  delete: z.boolean().optional(),
  provider: z.string().optional(),
  inputs,
});
const exported = z.object({
  deployment: z.object({
    resources: z.array(resource.omit({ inputs: true })).nullish(),
    pending_operations: z.array(z.object({ type: z.string(), resource })).nullish(),
  }),
});

export interface Begun {
  urn: string;
  type: "Instance" | "Template";
  /** As the program gives it. */
  name: string | undefined;
  owner: string;
  predecessor: Predecessor;
}

/**
 * @param state what `pulumi stack export` prints
 * @throws ZodError when it is something else
 */
export function begunIn(state: string): Begun[] {
  const { deployment } = exported.parse(JSON.parse(state));
  return (deployment.pending_operations ?? []).flatMap((operation) => {
    const { urn, type, provider, inputs } = operation.resource;
    const kind = /^cloudstack:index:(Instance|Template)$/u.exec(type)?.[1];
    const owner = provider?.split("::").at(-1);
    if (operation.type !== "creating" || owner === undefined) return [];
    if (kind !== "Instance" && kind !== "Template") return [];
    const old = deployment.resources?.find((row) => row.urn === urn && row.delete !== true);
    const predecessor: Predecessor = old?.id === undefined ? { kind: "none" } : { kind: "known", id: old.id };
    return [{ urn, type: kind, name: inputs.name, owner, predecessor }];
  });
}

/** @throws Problem of the first one that cannot be removed */
export async function removeBegun(
  all: readonly Begun[],
  client: CloudStack,
  say: (text: string) => void,
): Promise<void> {
  // A template is captured from an instance: it goes first.
  const sorted = [...all].sort((a, b) => (a.type === b.type ? 0 : a.type === "Template" ? -1 : 1));
  for (const begun of sorted) {
    const about = { what: "cannot remove what a killed update left behind", object: begun.urn };
    await attempt(client, about, () => removeOne(begun, contextFor(begun, client, say)));
  }
}

async function removeOne(begun: Begun, context: Context<CloudStack>): Promise<void> {
  const { predecessor } = begun;
  const identity = identityOf({ ...context, predecessor }, {});
  if (begun.type === "Template") {
    const { unfinished } = await templateTries(begun.name, identity, { ...context, predecessor });
    return removeTemplateTries(unfinished, context);
  }
  const { unfinished } = await triesAt(begun.name, identity, context);
  for (const row of unfinished) {
    await settledInstance(context.client, row.id, waitingOf(context, row.name));
    await removeTry(row, context);
  }
}

function contextFor(
  { urn, owner }: Begun,
  client: CloudStack,
  say: (text: string) => void,
): Context<CloudStack> {
  const log: Log = { debug: () => undefined, info: say, warning: say, error: say, status: () => undefined };
  const { signal } = new AbortController();
  return { client, urn, owner, signal, deadline: undefined, log, preview: false, secretInputs: [] };
}
