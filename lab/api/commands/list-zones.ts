import { isolatedCidr, sharedGateway } from "../../cloud/world.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, hasTag, isOneOf } from "../filters.ts";
import { flag, keyValues, text, uuid, uuids, withoutEffect } from "../parameters.ts";
import { unsupported } from "../unsupported.ts";
import { tagViews } from "../views/tag.ts";

export const listZones = listCommand({
  name: "listZones",
  description: "Lists zones",
  params: {
    id: uuid("zones", "the zone"),
    ids: uuids("zones", "the zones"),
    available: withoutEffect(flag("only zones that the caller can use")),
    name: text("exact name"),
    networktype: text("Basic or Advanced"),
    tags: keyValues("tags"),
    domainid: withoutEffect(uuid("domains", "those that are this domain's alone")),
    showcapacities: withoutEffect(flag("with capacities; the lab tells none")),
    showicon: withoutEffect(flag("with icons")),
    storageaccessgroup: unsupported("storage access groups"),
  },
  response: { id: "string", name: "string", networktype: "string", allocationstate: "string" },
  run(call, cloud) {
    const { id, ids, name, networktype, keyword, tags } = call.values;
    const rows = [...cloud.store.all("zones")].filter(
      (zone) =>
        isOneOf(zone.id, id, ids) &&
        equals(name, zone.name) &&
        equals(networktype, "Advanced") &&
        hasKeyword(keyword, zone.name) &&
        hasTag(cloud, tags, zone.id),
    );
    return listOf(call, "zone", rows, (zone) => ({
      id: zone.id,
      name: zone.name,
      dns1: sharedGateway,
      internaldns1: sharedGateway,
      guestcidraddress: isolatedCidr,
      networktype: "Advanced",
      securitygroupsenabled: false,
      gputotal: 0,
      gpuused: 0,
      allocationstate: "Enabled",
      zonetoken: zone.token,
      dhcpprovider: "VirtualRouter",
      localstorageenabled: false,
      tags: tagViews(cloud, zone.id),
      allowuserspecifyvrmtu: false,
      routerprivateinterfacemaxmtu: 1500,
      routerpublicinterfacemaxmtu: 1500,
      type: "Core",
      isnsxenabled: false,
      ismultiarch: false,
      asnrange: "",
      routedmodeenabled: false,
      hasannotations: false,
    }));
  },
});
