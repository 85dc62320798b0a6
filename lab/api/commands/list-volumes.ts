import type { Cloud } from "../../cloud/cloud.ts";
import { fixedId } from "../../cloud/fixed-ids.ts";
import type { Volume } from "../../cloud/model.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, hasTag, is, isOneOf, isZone } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { flag, keyValues, text, uuid, uuids, withoutEffect } from "../parameters.ts";
import { volumeView, volumeZone } from "../views/volume.ts";
import { visibleTo } from "../visibility.ts";

export const listVolumes = listCommand({
  name: "listVolumes",
  description: "Lists all volumes.",
  params: {
    id: uuid("volumes", "the volume"),
    ids: uuids("volumes", "the volumes"),
    name: text("exact name"),
    type: text("ROOT or DATADISK"),
    virtualmachineid: uuid("instances", "its instance"),
    zoneid: uuid("zones", "zone"),
    state: text("its state"),
    tags: keyValues("tags"),
    diskofferingid: uuid("diskOfferings", "its disk offering"),
    serviceofferingid: uuid("serviceOfferings", "service offering of a root disk's instance"),
    storageid: text("the store that it is in"),
    clusterid: text("the cluster that it is in"),
    podid: text("the pod that it is in"),
    hostid: text("the host that its instance runs on"),
    isencrypted: flag("encrypted ones"),
    listsystemvms: withoutEffect(flag("those of system machines")),
    displayvolume: withoutEffect(flag("shown to the user")),
    retrieveonlyresourcecount: flag("only how many there are"),
    ...visibilityParams,
  },
  response: {
    id: "string",
    name: "string",
    type: "string",
    state: "string",
    size: "long",
    virtualmachineid: "string",
  },
  run(call, cloud) {
    const { id, ids, name, type, virtualmachineid, zoneid, state, tags, keyword, ...asked } = call.values;
    const isVisible = visibleTo(cloud, call);
    const rows = cloud.store.filter(
      "volumes",
      (volume) =>
        isVisible(volume) &&
        isOneOf(volume.id, id, ids) &&
        equals(name, volume.name) &&
        equals(type, volume.type ?? "ROOT") &&
        isOneOf(volume.instanceId ?? "", virtualmachineid) &&
        isZone(zoneid, volumeZone(cloud, volume).id) &&
        equals(state, volume.state) &&
        isOneOf(volume.diskOfferingId ?? "", asked.diskofferingid) &&
        isOneOf(rootOfferingOf(cloud, volume) ?? "", asked.serviceofferingid) &&
        equals(asked.storageid, fixedId(cloud, "primary-storage")) &&
        equals(asked.clusterid, fixedId(cloud, "cluster")) &&
        equals(asked.podid, fixedId(cloud, "pod")) &&
        equals(asked.hostid, fixedId(cloud, "host")) &&
        is(asked.isencrypted, false) &&
        hasKeyword(keyword, volume.name) &&
        hasTag(cloud, tags, volume.id),
    );
    return listOf(call, "volume", rows, (volume) => volumeView(cloud, volume));
  },
});

function rootOfferingOf(cloud: Cloud, { type, instanceId }: Volume): string | undefined {
  if (type !== undefined || instanceId === undefined) return undefined;
  return cloud.store.get("instances", instanceId)?.serviceOfferingId;
}
