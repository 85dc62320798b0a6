import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, equalsIgnoringCase, hasKeyword, hasTag, isOneOf, isZone } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { flag, keyValues, text, uuid, uuids, withoutEffect } from "../parameters.ts";
import { snapshotView } from "../views/snapshot.ts";
import { visibleTo } from "../visibility.ts";

export const listSnapshots = listCommand({
  name: "listSnapshots",
  description: "Lists all available snapshots for the account.",
  params: {
    id: uuid("snapshots", "the snapshot"),
    ids: uuids("snapshots", "the snapshots"),
    name: text("exact name"),
    volumeid: uuid("volumes", "its volume"),
    zoneid: uuid("zones", "zone"),
    snapshottype: text("MANUAL"),
    intervaltype: withoutEffect(text("MANUAL")),
    showunique: withoutEffect(flag("one row for each")),
    tags: keyValues("tags"),
    locationtype: text("PRIMARY or SECONDARY"),
    ...visibilityParams,
  },
  response: { id: "string", name: "string", state: "string", volumeid: "string" },
  run(call, cloud) {
    const { id, ids, name, volumeid, zoneid, snapshottype, locationtype, tags, keyword } = call.values;
    const isVisible = visibleTo(cloud, call);
    const rows = cloud.store.filter(
      "snapshots",
      (row) =>
        isVisible(row) &&
        isOneOf(row.id, id, ids) &&
        equals(name, row.name) &&
        isOneOf(row.volumeId, volumeid) &&
        isZone(zoneid, cloud.zoneNamed(row.zoneId).id) &&
        equals(snapshottype, "MANUAL") &&
        equalsIgnoringCase(locationtype, "SECONDARY") &&
        hasKeyword(keyword, row.name) &&
        hasTag(cloud, tags, row.id),
    );
    return listOf(call, "snapshot", rows, (row) => snapshotView(cloud, row));
  },
});
