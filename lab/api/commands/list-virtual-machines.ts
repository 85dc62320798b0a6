import { seesAll } from "../../cloud/call-context.ts";
import { isIsolated } from "../../cloud/networks.ts";
import { hypervisor as labHypervisor } from "../../cloud/world.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, equalsIgnoringCase, hasKeyword, hasNone, hasTag, is, isOneOf, isZone } from "../filters.ts";
import { onlyParts, readInstanceParts } from "../instance-details.ts";
import { visibilityParams } from "../owners.ts";
import { flag, keyValues, list, text, uuid, uuids, withoutEffect } from "../parameters.ts";
import { unsupported } from "../unsupported.ts";
import { groupIdOf, instanceView } from "../views/instance.ts";
import { visibleTo } from "../visibility.ts";

export const listVirtualMachines = listCommand({
  name: "listVirtualMachines",
  description: "List the Instances owned by the Account.",
  params: {
    id: uuid("instances", "the instance"),
    ids: uuids("instances", "the instances"),
    name: text("exact name"),
    state: text("a state, or Present for all that are not destroyed"),
    zoneid: uuid("zones", "zone"),
    networkid: uuid("networks", "one of its networks"),
    templateid: uuid("templates", "its template"),
    serviceofferingid: uuid("serviceOfferings", "its service offering"),
    keypair: text("one of its key pairs"),
    hypervisor: text("hypervisor"),
    details: list("parts of the answer: all, min, nics, tmpl, servoff, ..."),
    userdata: flag("shows the user data"),
    displayvm: withoutEffect(flag("shown to the user")),
    tags: keyValues("tags"),
    userid: uuid("users", "who deployed it"),
    userdataid: uuid("userData", "its registered user data"),
    affinitygroupid: uuid("affinityGroups", "one of its affinity groups"),
    securitygroupid: uuid("securityGroups", "one of its security groups"),
    groupid: text("its group"),
    forvirtualnetwork: flag("in isolated networks, or only in others"),
    arch: text("CPU architecture, such as x86_64"),
    haenable: flag("with high availability"),
    leased: flag("with a lease"),
    gpuenabled: flag("with GPUs"),
    isvnf: flag("network appliances"),
    accumulate: withoutEffect(flag("statistics as sums; the lab has none")),
    autoscalevmgroupid: unsupported("groups that scale themselves"),
    backupofferingid: unsupported("backups"),
    extensionid: unsupported("extensions"),
    isoid: unsupported("ISOs"),
    vpcid: unsupported("VPCs"),
    showicon: withoutEffect(flag("with icons")),
    retrieveonlyresourcecount: flag("only how many there are"),
    ...visibilityParams,
  },
  response: {
    id: "string",
    name: "string",
    state: "string",
    nic: "list",
    publicip: "string",
    details: "map",
  },
  run(call, cloud) {
    const { values } = call;
    const isVisible = visibleTo(cloud, call);
    const parts = readInstanceParts(values.details);
    const rows = cloud.store.filter("instances", (instance) => {
      const { state, details } = instance;
      const present = state !== "Destroyed" && state !== "Expunging";
      return (
        isOneOf(instance.id, values.id, values.ids) &&
        isVisible(instance) &&
        // allow.user.view.destroyed.vm
        (seesAll() || present) &&
        equals(values.name, instance.name) &&
        (values.state === "Present" ? present : equals(values.state, state)) &&
        isZone(values.zoneid, instance.zoneId) &&
        (values.networkid === undefined ||
          instance.nics.some(({ networkId }) => networkId === values.networkid)) &&
        isOneOf(instance.templateId, values.templateid) &&
        isOneOf(instance.serviceOfferingId, values.serviceofferingid) &&
        isOneOf(instance.userId ?? cloud.adminUser.id, values.userid) &&
        isOneOf(instance.userDataId ?? "", values.userdataid) &&
        isAmong(values.affinitygroupid, instance.affinityGroupIds) &&
        isAmong(values.securitygroupid, instance.securityGroupIds) &&
        equals(values.groupid, groupIdOf(instance) ?? "") &&
        is(
          values.forvirtualnetwork,
          instance.nics.some((nic) => isIsolated(cloud, cloud.store.need("networks", nic.networkId))),
        ) &&
        equals(values.arch, "x86_64") &&
        equalsIgnoringCase(values.hypervisor, labHypervisor) &&
        is(values.haenable, false) &&
        hasNone(values.leased) &&
        hasNone(values.gpuenabled) &&
        hasNone(values.isvnf) &&
        (!values.keypair || (details["SSH.KeyPairNames"] ?? "").split(",").includes(values.keypair)) &&
        hasKeyword(values.keyword, instance.name, instance.displayName) &&
        hasTag(cloud, values.tags, instance.id)
      );
    });
    const userData = values.userdata === true;
    return listOf(call, "virtualmachine", rows, (instance) =>
      onlyParts(instanceView(cloud, instance, { userData }), parts),
    );
  },
});

function isAmong(wanted: string | undefined, ids: readonly string[] | undefined): boolean {
  return wanted === undefined || (ids ?? []).includes(wanted);
}
