/**
 * Before a resource is made it is asked whether this key can call all that its life needs, and before one is changed what
 * that change needs: a role that lacks a command, or a version that has not got it yet, shows in the preview and not
 * half-way.
 */
import { Problem } from "../../common/problem.ts";
import type { AnyResource, Context, Properties } from "../rpc/index.ts";
import { apisOf } from "./client/apis.ts";
import type { CloudStack } from "./client/client.ts";
import { isFault } from "./client/faults.ts";
import { problemOf } from "./resources/problems.ts";

export interface Needs {
  /** To make it, look at it, mark it as recorded, and remove it. */
  life: readonly string[];
  /** Besides, to make one that is given these properties. */
  given?: Readonly<Record<string, readonly string[]>>;
  /** To make one that is not given these. */
  without?: Readonly<Record<string, readonly string[]>>;
  /** To change these of one that is there. */
  moved?: Readonly<Record<string, readonly string[]>>;
}

const job = "queryAsyncJobResult";
const marked = ["createTags", job];
const tags = ["createTags", "deleteTags"];
const restart = ["stopVirtualMachine", "startVirtualMachine"];
const permissions = ["updateTemplatePermissions"];
const shared = { public: permissions, featured: permissions, extractable: permissions };
const update = ["updateTemplate"];
const described = {
  name: update,
  displayText: update,
  osTypeId: update,
  passwordEnabled: update,
  sshKeyEnabled: update,
  dynamicallyScalable: update,
  requiresHvm: update,
  details: update,
};

export const needs: Readonly<Record<string, Needs>> = {
  AffinityGroup: { life: ["createAffinityGroup", "listAffinityGroups", "deleteAffinityGroup", job] },
  EgressFirewallRule: {
    life: ["createEgressFirewallRule", "listEgressFirewallRules", "deleteEgressFirewallRule", ...marked],
    moved: { tags },
  },
  FirewallRule: {
    life: ["createFirewallRule", "listFirewallRules", "deleteFirewallRule", ...marked],
    moved: { tags },
  },
  Instance: {
    life: ["deployVirtualMachine", "listVirtualMachines", "listVolumes", "destroyVirtualMachine", ...marked],
    given: {
      name: ["updateVirtualMachine"],
      deleteProtection: ["updateVirtualMachine"],
      state: restart,
    },
    moved: {
      displayName: ["updateVirtualMachine"],
      deleteProtection: ["updateVirtualMachine"],
      state: restart,
      serviceOfferingId: ["scaleVirtualMachine", ...restart],
      keyPairs: ["resetSSHKeyForVirtualMachine", ...restart],
      userData: ["updateVirtualMachine", ...restart],
      userDataId: ["updateVirtualMachine", ...restart],
      details: ["updateVirtualMachine", ...restart],
      affinityGroupIds: ["updateVMAffinityGroup", ...restart],
      rootDiskSize: ["resizeVolume", ...restart],
      tags,
    },
  },
  InstanceSnapshot: {
    life: ["createVMSnapshot", "listVMSnapshot", "deleteVMSnapshot", ...marked],
    moved: { tags },
  },
  Network: {
    life: ["createNetwork", "listNetworks", "updateNetwork", "deleteNetwork", ...marked],
    moved: {
      name: ["updateNetwork"],
      displayText: ["updateNetwork"],
      networkDomain: ["updateNetwork"],
      networkOfferingId: ["updateNetwork"],
      tags,
    },
  },
  PortForwardingRule: {
    life: ["createPortForwardingRule", "listPortForwardingRules", "deletePortForwardingRule", ...marked],
    moved: { tags },
  },
  PublicIpAddress: {
    life: ["associateIpAddress", "listPublicIpAddresses", "disassociateIpAddress", ...marked],
    moved: { tags },
  },
  RegisteredTemplate: {
    life: ["registerTemplate", "listTemplates", "updateTemplate", "deleteTemplate", ...marked],
    moved: { ...described, ...shared, tags },
  },
  SecurityGroup: {
    life: ["createSecurityGroup", "listSecurityGroups", "deleteSecurityGroup", ...marked],
    given: { ingress: ["authorizeSecurityGroupIngress"], egress: ["authorizeSecurityGroupEgress"] },
    moved: {
      ingress: ["authorizeSecurityGroupIngress", "revokeSecurityGroupIngress"],
      egress: ["authorizeSecurityGroupEgress", "revokeSecurityGroupEgress"],
      tags,
    },
  },
  SshKeyPair: {
    life: ["listSSHKeyPairs", "deleteSSHKeyPair"],
    given: { publicKey: ["registerSSHKeyPair"] },
    without: { publicKey: ["createSSHKeyPair"] },
  },
  StaticNat: { life: ["enableStaticNat", "listPublicIpAddresses", "disableStaticNat", job] },
  Template: {
    life: ["createTemplate", "listTemplates", "updateTemplate", "deleteTemplate", ...marked],
    given: {
      instanceId: ["listVirtualMachines", "listVolumes", "stopVirtualMachine"],
      volumeId: ["listVirtualMachines", "listVolumes", "stopVirtualMachine"],
      ...shared,
      searchRequired: ["extractTemplate"],
    },
    moved: { ...described, templateTag: update, ...shared, tags },
  },
  TemplateCopy: {
    life: ["copyTemplate", "listTemplates", "deleteTemplate", job],
    moved: { zoneIds: ["copyTemplate", "deleteTemplate"] },
  },
  TemplateExtract: { life: ["extractTemplate", "listTemplates", job] },
  TemplatePermissions: {
    life: [...permissions, "listTemplatePermissions", "listTemplates"],
    moved: { accounts: permissions, projectIds: permissions, ...shared },
  },
  UserData: { life: ["registerUserData", "listUserData", "deleteUserData"] },
  Volume: {
    life: ["createVolume", "listVolumes", "deleteVolume", ...marked],
    moved: { size: ["resizeVolume"], tags },
  },
  VolumeAttachment: { life: ["attachVolume", "listVolumes", "detachVolume", job] },
  VolumeSnapshot: { life: ["createSnapshot", "listSnapshots", "deleteSnapshot", ...marked], moved: { tags } },
};

/** All that one of this kind may ever ask. */
export function commandsOf(kind: string): string[] {
  const { life = [], given, without, moved } = needs[kind] ?? {};
  const more = [given, without, moved].flatMap((part) => Object.values(part ?? {}).flat());
  return [...new Set([...life, ...more])].filter((command) => command !== job);
}

export function withPreflight(
  resources: readonly AnyResource<CloudStack>[],
): readonly AnyResource<CloudStack>[] {
  return resources.map((resource) => {
    const { check } = resource;
    if (!check) return resource;
    return {
      ...resource,
      check: async (news, request, context) => {
        const checked = await check(news, request, context);
        if ((checked.faults ?? []).length === 0) {
          const kind = resource.token.split(":").at(-1) ?? "";
          await preflight(kind, neededFor(kind, checked.inputs, request.olds), context);
        }
        return checked;
      },
    };
  });
}

/** @param olds of one that is there */
function neededFor(kind: string, news: Properties, olds: Properties | undefined): string[] {
  const known = needs[kind];
  if (!known) throw new Error(`nothing is said of what a ${kind} needs`);
  const { life, given = {}, without = {}, moved = {} } = known;
  const those = (part: Readonly<Record<string, readonly string[]>>, counts: (name: string) => boolean) =>
    Object.entries(part).flatMap(([name, commands]) => (counts(name) ? commands : []));
  if (olds) return those(moved, (name) => JSON.stringify(news[name]) !== JSON.stringify(olds[name]));
  const isGiven = (name: string) =>
    news[name] !== undefined &&
    news[name] !== false &&
    !(Array.isArray(news[name]) && news[name].length === 0);
  return [...life, ...those(given, isGiven), ...those(without, (name) => !isGiven(name))];
}

async function preflight(
  kind: string,
  needed: readonly string[],
  context: Context<CloudStack>,
): Promise<void> {
  if (needed.length === 0) return;
  const { client, signal } = context;
  let there: ReadonlySet<string>;
  try {
    there = await apisOf(client, signal);
  } catch (error) {
    // Some operators hide the list itself: then the commands speak for themselves.
    if (isFault(error, "command", "permission", "internal")) return;
    throw problemOf(client, { what: "cannot tell what this key may call", object: client.endpoint }, error);
  }
  const missing = [...new Set(needed)].filter((command) => !there.has(command));
  if (missing.length > 0) throw lacking(kind, missing, there, client.endpoint);
}

/**
 * The engine ends a preview at the first resource that is refused, and nobody wants to hear of the commands of a role one
 * by one: what other resources would lack is told along with it.
 */
function lacking(
  kind: string,
  missing: readonly string[],
  there: ReadonlySet<string>,
  endpoint: string,
): Problem {
  const others = Object.entries(needs).flatMap(([other, { life, given = {}, without = {} }]) => {
    const making = new Set([...life, ...Object.values(given).flat(), ...Object.values(without).flat()]);
    const gone = [...making].filter((command) => !there.has(command) && !missing.includes(command));
    return other === kind || gone.length === 0 ? [] : [`${article(other)} lacks ${gone.join(", ")}`];
  });
  const more = others.length === 0 ? "" : `; besides, ${others.join("; ")}`;
  return new Problem({
    what: `this key cannot manage ${article(kind)}`,
    object: endpoint,
    because: `its role has not, or this version of CloudStack has not: ${missing.join(", ")}${more}`,
    next: "use a key whose role has them (cmk list apis shows what it has), or CloudStack 4.18 and newer",
  });
}

function article(kind: string): string {
  return `${/^[AEIO]/u.test(kind) ? "an" : "a"} ${kind}`;
}
