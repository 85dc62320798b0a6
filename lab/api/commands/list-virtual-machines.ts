import { seesAll } from "../../cloud/call-context.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, hasTag, isOneOf, isZone } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { flag, keyValues, list, text, uuid, uuids, withoutEffect } from "../parameters.ts";
import { instanceView } from "../views/instance.ts";
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
    hypervisor: withoutEffect(text("hypervisor")),
    details: list("parts of the answer"),
    userdata: flag("shows the user data"),
    displayvm: withoutEffect(flag("shown to the user")),
    tags: keyValues("tags"),
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
        (!values.keypair || (details["SSH.KeyPairNames"] ?? "").split(",").includes(values.keypair)) &&
        hasKeyword(values.keyword, instance.name, instance.displayName) &&
        hasTag(cloud, values.tags, instance.id)
      );
    });
    const userData = values.userdata === true;
    return listOf(call, "virtualmachine", rows, (instance) => instanceView(cloud, instance, { userData }));
  },
});
