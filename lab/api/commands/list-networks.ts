import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, hasTag, isOneOf, isZone } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { flag, keyValues, list, text, uuid, withoutEffect } from "../parameters.ts";
import { networkView } from "../views/network.ts";
import { visibleTo } from "../visibility.ts";

export const listNetworks = listCommand({
  name: "listNetworks",
  description: "Lists all available networks",
  params: {
    id: uuid("networks", "the network"),
    name: text("exact name"),
    zoneid: uuid("zones", "zone"),
    type: text("Isolated, Shared or L2"),
    issystem: flag("system networks"),
    traffictype: text("Guest"),
    supportedservices: withoutEffect(list("services that it must have")),
    canusefordeploy: withoutEffect(flag("usable for a deployment")),
    forvpc: flag("tiers of a VPC"),
    networkofferingid: uuid("networkOfferings", "its offering"),
    networkfilter: withoutEffect(text("account, domain, accountdomain, shared or all")),
    tags: keyValues("tags"),
    ...visibilityParams,
  },
  response: { id: "string", name: "string", state: "string", type: "string", cidr: "string" },
  run(call, cloud) {
    const { id, name, zoneid, type, issystem, traffictype, forvpc, networkofferingid, keyword, tags } =
      call.values;
    const isVisible = visibleTo(cloud, call);
    const rows = cloud.store.filter(
      "networks",
      (network) =>
        // Shared ones are everybody's.
        (network.accountId === cloud.system.id || isVisible(network)) &&
        isOneOf(network.id, id) &&
        equals(name, network.name) &&
        isZone(zoneid, network.zoneId) &&
        equals(type, cloud.store.need("networkOfferings", network.networkOfferingId).guestIpType) &&
        !issystem &&
        !forvpc &&
        equals(traffictype, "Guest") &&
        isOneOf(network.networkOfferingId, networkofferingid) &&
        hasKeyword(keyword, network.name) &&
        hasTag(cloud, tags, network.id),
    );
    return listOf(call, "network", rows, (network) => networkView(cloud, network));
  },
});
