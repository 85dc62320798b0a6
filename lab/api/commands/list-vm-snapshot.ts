import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, hasTag, isOneOf } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { keyValues, text, uuid, uuids } from "../parameters.ts";
import { instanceSnapshotView } from "../views/snapshot.ts";
import { visibleTo } from "../visibility.ts";

/** Its rows stand under a name with a capital letter. */
export const listVMSnapshot = listCommand({
  name: "listVMSnapshot",
  description: "List virtual machine Snapshot by conditions",
  params: {
    vmsnapshotid: uuid("instanceSnapshots", "the snapshot"),
    vmsnapshotids: uuids("instanceSnapshots", "the snapshots"),
    virtualmachineid: uuid("instances", "of this instance"),
    name: text("exact display name"),
    state: text("Ready"),
    tags: keyValues("tags"),
    ...visibilityParams,
  },
  response: { id: "string", name: "string", state: "string", virtualmachineid: "string" },
  run(call, cloud) {
    const { vmsnapshotid, vmsnapshotids, virtualmachineid, name, state, tags, keyword } = call.values;
    const isVisible = visibleTo(cloud, call);
    const rows = cloud.store.filter(
      "instanceSnapshots",
      (row) =>
        isVisible(row) &&
        isOneOf(row.id, vmsnapshotid, vmsnapshotids) &&
        isOneOf(row.instanceId, virtualmachineid) &&
        equals(name, row.displayName ?? row.name) &&
        equals(state, "Ready") &&
        hasKeyword(keyword, row.name, row.displayName ?? "") &&
        hasTag(cloud, tags, row.id),
    );
    return listOf(call, "vmSnapshot", rows, (row) => instanceSnapshotView(cloud, row));
  },
});
