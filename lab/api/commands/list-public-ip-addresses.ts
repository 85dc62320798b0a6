import { fixedId } from "../../cloud/fixed-ids.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, hasNone, hasTag, is, isOneOf, isZone } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { flag, keyValues, text, uuid, withoutEffect } from "../parameters.ts";
import { unsupported } from "../unsupported.ts";
import { addressViews } from "../views/public-address.ts";
import { visibleTo } from "../visibility.ts";

/** Those that were asked for, and one for each instance of a network that gives them: loopback addresses of the host. */
export const listPublicIpAddresses = listCommand({
  name: "listPublicIpAddresses",
  description: "Lists all public IP addresses",
  params: {
    id: text("the address's id"),
    ipaddress: text("the address"),
    zoneid: uuid("zones", "zone"),
    associatednetworkid: uuid("networks", "its network"),
    networkid: text("the public network that it is of"),
    isstaticnat: flag("only static NAT"),
    issourcenat: flag("only source NAT"),
    allocatedonly: withoutEffect(flag("only allocated ones (true)")),
    state: text("Allocated or Free"),
    tags: keyValues("tags"),
    forvirtualnetwork: flag("those of isolated networks, or only others"),
    forloadbalancing: flag("those of load balancers"),
    forsystemvms: flag("those of system machines"),
    forprovider: flag("those of an outside provider"),
    physicalnetworkid: text("the physical network"),
    vlanid: text("the range of addresses"),
    fordisplay: withoutEffect(flag("shown to the user")),
    vpcid: unsupported("VPCs"),
    retrieveonlyresourcecount: flag("only how many there are"),
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
      tags,
      ...asked
    } = call.values;
    const rows = addressViews(cloud, visibleTo(cloud, call)).filter(
      (row) =>
        isOneOf(row.id, id) &&
        equals(ipaddress, row.ipaddress) &&
        isZone(zoneid, row.zoneid) &&
        isOneOf(row.associatednetworkid, associatednetworkid) &&
        equals(networkid, fixedId(cloud, "public-network")) &&
        is(isstaticnat, row.isstaticnat) &&
        is(issourcenat, row.issourcenat) &&
        is(asked.forvirtualnetwork, row.forvirtualnetwork === true) &&
        hasNone(asked.forloadbalancing) &&
        hasNone(asked.forsystemvms) &&
        hasNone(asked.forprovider) &&
        equals(asked.physicalnetworkid, fixedId(cloud, "physical-network")) &&
        equals(asked.vlanid, fixedId(cloud, "public-vlan")) &&
        equals(state, "Allocated") &&
        hasKeyword(keyword, row.ipaddress) &&
        hasTag(cloud, tags, row.id),
    );
    return listOf(call, "publicipaddress", rows, (row) => row);
  },
});
