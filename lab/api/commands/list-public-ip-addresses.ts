import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, hasTag, isOneOf, isZone } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { flag, keyValues, text, uuid, withoutEffect } from "../parameters.ts";
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
    networkid: uuid("networks", "its network"),
    isstaticnat: flag("only static NAT"),
    issourcenat: flag("only source NAT"),
    allocatedonly: withoutEffect(flag("only allocated ones (true)")),
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
      tags,
    } = call.values;
    const rows = addressViews(cloud, visibleTo(cloud, call)).filter(
      (row) =>
        isOneOf(row.id, id) &&
        equals(ipaddress, row.ipaddress) &&
        isZone(zoneid, row.zoneid) &&
        isOneOf(row.associatednetworkid, associatednetworkid) &&
        isOneOf(row.associatednetworkid, networkid) &&
        (isstaticnat === undefined || isstaticnat === row.isstaticnat) &&
        (issourcenat === undefined || issourcenat === row.issourcenat) &&
        equals(state, "Allocated") &&
        hasKeyword(keyword, row.ipaddress) &&
        hasTag(cloud, tags, row.id),
    );
    return listOf(call, "publicipaddress", rows, (row) => row);
  },
});
