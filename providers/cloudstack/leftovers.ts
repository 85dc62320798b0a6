/**
 * What an update that was killed had begun, for a stack that is destroyed before another update could take it up: the
 * engine's state names it as a pending operation, without an id.
 */
import { z } from "zod";
import type { Context, Log, Predecessor } from "../rpc/index.ts";
import type { CloudStack } from "./client/client.ts";
import { affinityGroup } from "./resources/affinity-group.ts";
import { egressFirewallRule } from "./resources/egress-firewall-rule.ts";
import { firewallRule } from "./resources/firewall-rule.ts";
import { identityOf } from "./resources/identity.ts";
import { settledInstance, waitingOf } from "./resources/instance-api.ts";
import { instanceSnapshot } from "./resources/instance-snapshot.ts";
import { removeTry, triesAt } from "./resources/instance-tries.ts";
import { network } from "./resources/network.ts";
import type { ObjectHandler } from "./resources/object.ts";
import { portForwardingRule } from "./resources/port-forwarding-rule.ts";
import { attempt } from "./resources/problems.ts";
import { publicIpAddress } from "./resources/public-ip-address.ts";
import { registeredTemplate } from "./resources/registered-template.ts";
import { securityGroup } from "./resources/security-group.ts";
import { removeKeyPairTry } from "./resources/ssh-key-pair.ts";
import { removeTemplateTries, templateTries } from "./resources/template-tries.ts";
import { userData } from "./resources/user-data.ts";
import { volume } from "./resources/volume.ts";
import { volumeSnapshot } from "./resources/volume-snapshot.ts";

const inputs = z.record(z.string(), z.unknown()).catch({});
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
  /** Of the resource, such as cloudstack:index:Instance. */
  token: string;
  /** As the state has them: secrets are not readable. */
  inputs: Record<string, unknown>;
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
    const owner = provider?.split("::").at(-1);
    if (operation.type !== "creating" || owner === undefined || !removers.has(type)) return [];
    const old = deployment.resources?.find((row) => row.urn === urn && row.delete !== true);
    const predecessor: Predecessor = old?.id === undefined ? { kind: "none" } : { kind: "known", id: old.id };
    return [{ urn, token: type, inputs, owner, predecessor }];
  });
}

/**
 * What stands on something else goes before it: what cannot be removed is tried again as long as others can.
 * @throws Problem of the first one that cannot be removed at all
 */
export async function removeBegun(
  all: readonly Begun[],
  client: CloudStack,
  say: (text: string) => void,
): Promise<void> {
  for (let left = all; left.length > 0; ) {
    const faults: { begun: Begun; fault: unknown }[] = [];
    for (const begun of left) {
      const about = { what: "cannot remove what a killed update left behind", object: begun.urn };
      const removing = attempt(client, about, async () => removeOne(begun, contextFor(begun, client, say)));
      await removing.catch((fault: unknown) => faults.push({ begun, fault }));
    }
    if (faults.length === left.length) throw faults[0]?.fault;
    left = faults.map(({ begun }) => begun);
  }
}

type Replacing = Context<CloudStack> & { predecessor: Predecessor };
type Remover = (inputs: Begun["inputs"], context: Replacing) => Promise<void>;

const nameIn = ({ name }: Begun["inputs"]) => (typeof name === "string" ? name : undefined);

async function removeTemplates(inputs: Begun["inputs"], context: Replacing): Promise<void> {
  const identity = identityOf(context, {});
  const { unfinished } = await templateTries(nameIn(inputs), identity, context);
  await removeTemplateTries(unfinished, identity, context);
}

async function removeInstances(inputs: Begun["inputs"], context: Replacing): Promise<void> {
  const identity = identityOf(context, {});
  const { unfinished } = await triesAt(nameIn(inputs), identity, context);
  for (const row of unfinished) {
    await settledInstance(context.client, row.id, waitingOf(context, row.name));
    await removeTry(row, context);
  }
}

/** What is a property of another object goes with that object. */
const objects: readonly Pick<ObjectHandler<never, never>, "token" | "removeTries">[] = [
  affinityGroup,
  egressFirewallRule,
  firewallRule,
  instanceSnapshot,
  network,
  portForwardingRule,
  publicIpAddress,
  registeredTemplate,
  securityGroup,
  userData,
  volume,
  volumeSnapshot,
];

const removers: ReadonlyMap<string, Remover> = new Map<string, Remover>([
  ["cloudstack:index:Template", removeTemplates],
  ["cloudstack:index:Instance", removeInstances],
  ["cloudstack:index:SshKeyPair", removeKeyPairTry],
  ...objects.map(
    ({ token, removeTries }) =>
      [
        token,
        (inputs: Begun["inputs"], context: Replacing) => removeTries(inputs as never, context),
      ] as const,
  ),
]);

async function removeOne(begun: Begun, context: Context<CloudStack>): Promise<void> {
  const { predecessor, inputs } = begun;
  await removers.get(begun.token)?.(inputs, { ...context, predecessor });
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
