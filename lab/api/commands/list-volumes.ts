import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, hasTag, isOneOf, isZone } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { keyValues, text, uuid, uuids } from "../parameters.ts";
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
    const { id, ids, name, type, virtualmachineid, zoneid, state, tags, keyword } = call.values;
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
        hasKeyword(keyword, volume.name) &&
        hasTag(cloud, tags, volume.id),
    );
    return listOf(call, "volume", rows, (volume) => volumeView(cloud, volume));
  },
});
