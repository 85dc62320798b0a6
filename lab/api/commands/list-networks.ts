import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue } from "../../cloud/failure.ts";
import { fixedId } from "../../cloud/fixed-ids.ts";
import type { Network } from "../../cloud/model.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, equalsIgnoringCase, hasKeyword, hasNone, hasTag, is, isOneOf, isZone } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { flag, keyValues, list, text, uuid, withoutEffect } from "../parameters.ts";
import { unsupported } from "../unsupported.ts";
import { hasServices, networkView } from "../views/network.ts";
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
    supportedservices: list("services that it must have"),
    canusefordeploy: withoutEffect(flag("usable for a deployment")),
    forvpc: flag("tiers of a VPC"),
    networkofferingid: uuid("networkOfferings", "its offering"),
    networkfilter: text("account, domain, accountdomain, shared or all"),
    tags: keyValues("tags"),
    acltype: text("Account or Domain"),
    specifyipranges: flag("those whose addresses are chosen"),
    restartrequired: flag("those that must be restarted"),
    physicalnetworkid: text("the physical network"),
    associatednetworkid: text("those that belong to this network"),
    displaynetwork: withoutEffect(flag("shown to the user")),
    vpcid: unsupported("VPC tiers"),
    showicon: withoutEffect(flag("with icons")),
    retrieveonlyresourcecount: flag("only how many there are"),
    ...visibilityParams,
  },
  response: { id: "string", name: "string", state: "string", type: "string", cidr: "string" },
  run(call, cloud) {
    const {
      id,
      name,
      zoneid,
      type,
      issystem,
      traffictype,
      forvpc,
      networkofferingid,
      keyword,
      tags,
      ...asked
    } = call.values;
    const passes = filterNamed(cloud, asked.networkfilter);
    const offeringOf = (network: Network) => cloud.store.need("networkOfferings", network.networkOfferingId);
    const isVisible = visibleTo(cloud, call);
    const rows = cloud.store.filter(
      "networks",
      (network) =>
        // Shared ones are everybody's.
        (network.accountId === cloud.system.id || isVisible(network)) &&
        isOneOf(network.id, id) &&
        equals(name, network.name) &&
        isZone(zoneid, network.zoneId) &&
        passes(network) &&
        equalsIgnoringCase(type, offeringOf(network).guestIpType) &&
        hasServices(offeringOf(network), asked.supportedservices) &&
        equalsIgnoringCase(
          asked.acltype,
          offeringOf(network).guestIpType === "Shared" ? "Domain" : "Account",
        ) &&
        is(asked.specifyipranges, offeringOf(network).guestIpType === "Shared") &&
        hasNone(asked.restartrequired) &&
        equals(asked.physicalnetworkid, fixedId(cloud, "physical-network")) &&
        equals(asked.associatednetworkid, "-") &&
        !issystem &&
        !forvpc &&
        equalsIgnoringCase(traffictype, "Guest") &&
        isOneOf(network.networkOfferingId, networkofferingid) &&
        hasKeyword(keyword, network.name) &&
        hasTag(cloud, tags, network.id),
    );
    return listOf(call, "network", rows, (network) => networkView(cloud, network));
  },
});

/** Those of accounts, or those that came with the cloud and are everybody's. */
function filterNamed(cloud: Cloud, name: string | undefined): (network: Network) => boolean {
  const isEverybodys = ({ accountId }: Network) => accountId === cloud.system.id;
  switch (name?.toLowerCase()) {
    case undefined:
    case "":
    case "all":
    case "accountdomain":
      return () => true;
    case "account":
      return (network) => !isEverybodys(network);
    case "domain":
    case "shared":
      return isEverybodys;
    default:
      throw invalidValue(`Invalid value of networkfilter: ${name}`);
  }
}
