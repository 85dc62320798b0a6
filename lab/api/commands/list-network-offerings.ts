import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, equalsIgnoringCase, hasKeyword, hasNone, is, isOneOf } from "../filters.ts";
import { flag, list, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { availabilityOf, hasServices, networkOfferingView } from "../views/network.ts";

export const listNetworkOfferings = listCommand({
  name: "listNetworkOfferings",
  description: "Lists all available network offerings",
  params: {
    id: uuid("networkOfferings", "the offering"),
    name: text("exact name"),
    guestiptype: text("Isolated, Shared or L2"),
    state: text("Enabled or Disabled"),
    zoneid: withoutEffect(uuid("zones", "zone")),
    displaytext: text("exact text for people"),
    availability: text("Required or Optional"),
    traffictype: text("Guest"),
    isdefault: flag("those that came with the cloud"),
    specifyvlan: flag("those whose VLAN is chosen"),
    specifyipranges: flag("those whose addresses are chosen"),
    sourcenatsupported: flag("those with source NAT"),
    supportedservices: list("services that it must have"),
    networkid: uuid("networks", "those that this network can change to"),
    forvpc: flag("for tiers of a VPC"),
    istagged: flag("those with tags"),
    tags: text("tags that it must have", { length: 4096 }),
    routingmode: text("Static or Dynamic"),
    domainid: withoutEffect(uuid("domains", "those that are this domain's alone")),
  },
  response: { id: "string", name: "string", guestiptype: "string" },
  run(call, cloud) {
    const { id, name, guestiptype, state, keyword, ...asked } = call.values;
    const network = asked.networkid === undefined ? undefined : rowOf(cloud, "networks", asked.networkid);
    const old = network && rowOf(cloud, "networkOfferings", network.networkOfferingId);
    const rows = cloud.store.filter(
      "networkOfferings",
      (row) =>
        isOneOf(row.id, id) &&
        equals(name, row.name) &&
        equals(asked.displaytext, row.displayText) &&
        equalsIgnoringCase(guestiptype, row.guestIpType) &&
        equals(state, "Enabled") &&
        equals(asked.availability, availabilityOf(row)) &&
        equalsIgnoringCase(asked.traffictype, "Guest") &&
        is(asked.isdefault, true) &&
        is(asked.specifyvlan, row.guestIpType === "Shared") &&
        is(asked.specifyipranges, row.guestIpType === "Shared") &&
        is(asked.sourcenatsupported, row.guestIpType === "Isolated") &&
        hasServices(row, asked.supportedservices) &&
        (old === undefined || (row.guestIpType === old.guestIpType && row.id !== old.id)) &&
        hasNone(asked.forvpc) &&
        hasNone(asked.istagged) &&
        equals(asked.tags, "-") &&
        equals(asked.routingmode, "-") &&
        hasKeyword(keyword, row.name),
    );
    return listOf(call, "networkoffering", rows, (row) => networkOfferingView(cloud, row));
  },
});
