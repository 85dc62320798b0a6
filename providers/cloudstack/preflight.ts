/**
 * Before a resource is made for the first time it is asked whether this key can call all that its life needs: a role
 * that lacks a command, or a version that has not got it yet, shows in the preview and not half-way.
 */
import { Problem } from "../../common/problem.ts";
import type { AnyResource, Context } from "../rpc/index.ts";
import { apisOf } from "./client/apis.ts";
import type { CloudStack } from "./client/client.ts";
import { isFault } from "./client/faults.ts";

/** The commands of each resource's whole life, those of tags included. */
export const needs: Readonly<Record<string, readonly string[]>> = {
  AffinityGroup: ["createAffinityGroup", "listAffinityGroups", "deleteAffinityGroup"],
  EgressFirewallRule: ["createEgressFirewallRule", "listEgressFirewallRules", "deleteEgressFirewallRule"],
  FirewallRule: ["createFirewallRule", "listFirewallRules", "deleteFirewallRule"],
  Instance: [
    "deployVirtualMachine",
    "listVirtualMachines",
    "listVolumes",
    "updateVirtualMachine",
    "startVirtualMachine",
    "stopVirtualMachine",
    "destroyVirtualMachine",
    "createTags",
  ],
  InstanceSnapshot: ["createVMSnapshot", "listVMSnapshot", "deleteVMSnapshot"],
  Network: ["createNetwork", "listNetworks", "updateNetwork", "deleteNetwork"],
  PortForwardingRule: ["createPortForwardingRule", "listPortForwardingRules", "deletePortForwardingRule"],
  PublicIpAddress: ["associateIpAddress", "listPublicIpAddresses", "disassociateIpAddress"],
  RegisteredTemplate: [
    "registerTemplate",
    "listTemplates",
    "updateTemplate",
    "updateTemplatePermissions",
    "deleteTemplate",
    "createTags",
  ],
  SecurityGroup: [
    "createSecurityGroup",
    "listSecurityGroups",
    "authorizeSecurityGroupIngress",
    "authorizeSecurityGroupEgress",
    "revokeSecurityGroupIngress",
    "revokeSecurityGroupEgress",
    "deleteSecurityGroup",
  ],
  SshKeyPair: ["registerSSHKeyPair", "listSSHKeyPairs", "deleteSSHKeyPair"],
  StaticNat: ["enableStaticNat", "listPublicIpAddresses", "disableStaticNat"],
  Template: [
    "createTemplate",
    "listTemplates",
    "updateTemplate",
    "updateTemplatePermissions",
    "deleteTemplate",
    "createTags",
  ],
  TemplateCopy: ["copyTemplate", "listTemplates", "deleteTemplate"],
  TemplateExtract: ["extractTemplate", "listTemplates"],
  TemplatePermissions: ["updateTemplatePermissions", "listTemplatePermissions", "listTemplates"],
  UserData: ["registerUserData", "listUserData", "deleteUserData"],
  Volume: ["createVolume", "listVolumes", "resizeVolume", "deleteVolume"],
  VolumeAttachment: ["attachVolume", "listVolumes", "detachVolume"],
  VolumeSnapshot: ["createSnapshot", "listSnapshots", "deleteSnapshot"],
};

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
        if (request.olds === undefined && (checked.faults ?? []).length === 0) {
          await preflight(resource.token, context);
        }
        return checked;
      },
    };
  });
}

async function preflight(token: string, context: Context<CloudStack>): Promise<void> {
  const kind = token.split(":").at(-1) ?? "";
  const needed = needs[kind];
  if (!needed) throw new Error(`nothing is said of what ${token} needs`);
  let there: ReadonlySet<string>;
  try {
    there = await apisOf(context.client, context.signal);
  } catch (error) {
    // Some operators hide the list itself: then the commands speak for themselves.
    if (isFault(error, "command", "permission", "internal")) return;
    throw error;
  }
  const missing = needed.filter((command) => !there.has(command));
  if (missing.length > 0) throw lacking(kind, missing, context.client.endpoint);
}

function lacking(kind: string, missing: readonly string[], endpoint: string): Problem {
  return new Problem({
    what: `this key cannot manage a ${kind}`,
    object: endpoint,
    because: `its role has not, or this version of CloudStack has not: ${missing.join(", ")}`,
    next: "use a key whose role has them (cmk list apis shows what it has), or CloudStack 4.18 and newer",
  });
}
