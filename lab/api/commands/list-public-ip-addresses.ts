import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, isOneOf, isZone } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { flag, keyValues, text, uuid } from "../parameters.ts";
import { ownerFields } from "../views/owner.ts";
import { tagViews } from "../views/tag.ts";

/** One for each instance: its loopback address on the host, by static NAT. */
export const listPublicIpAddresses = listCommand({
  name: "listPublicIpAddresses",
  description: "Lists all public IP addresses",
  params: {
    id: text("the address's id"),
    ipaddress: text("the address"),
    zoneid: uuid("zones", "zone"),
    associatednetworkid: uuid("networks", "its network"),
    networkid: uuid("networks", "its network"),
    isstaticnat: flag("only static NAT"),
    issourcenat: flag("only source NAT"),
    allocatedonly: flag("only allocated ones (true)"),
    state: text("Allocated or Free"),
    tags: keyValues("tags"),
    ...visibilityParams,
  },
  response: {
    id: "string",
    ipaddress: "string",
    state: "string",
    virtualmachineid: "string",
    isstaticnat: "boolean",
  },
  run(call, cloud) {
    const {
      id,
      ipaddress,
      zoneid,
      associatednetworkid,
      networkid,
      isstaticnat,
      issourcenat,
      state,
      keyword,
    } = call.values;
    const rows = cloud.store.filter("instances", (instance) => {
      const network = instance.nics[0]?.networkId ?? "";
      return (
        isOneOf(instance.publicIpId, id) &&
        equals(ipaddress, instance.publicIp) &&
        isZone(cloud, zoneid) &&
        isOneOf(network, associatednetworkid) &&
        isOneOf(network, networkid) &&
        isstaticnat !== false &&
        issourcenat !== true &&
        equals(state, "Allocated") &&
        hasKeyword(keyword, instance.publicIp)
      );
    });
    return listOf(call, "publicipaddress", rows, (instance) => {
      const network = cloud.store.need("networks", instance.nics[0]?.networkId ?? "");
      return {
        id: instance.publicIpId,
        ipaddress: instance.publicIp,
        allocated: instance.created,
        zoneid: cloud.zone.id,
        zonename: cloud.zone.name,
        issourcenat: false,
        ...ownerFields(cloud, instance.accountId),
        forvirtualnetwork: false,
        isstaticnat: true,
        issystem: true,
        virtualmachineid: instance.id,
        virtualmachinetype: "User",
        vmipaddress: instance.nics[0]?.ipAddress,
        virtualmachinename: instance.name,
        virtualmachinedisplayname: instance.displayName,
        associatednetworkid: network.id,
        associatednetworkname: network.name,
        networkid: network.id,
        networkname: network.name,
        state: "Allocated",
        isportable: false,
        fordisplay: true,
        tags: tagViews(cloud, instance.publicIpId),
        hasannotations: false,
      };
    });
  },
});
