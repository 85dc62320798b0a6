import { invalidValue } from "../../cloud/failure.ts";
import { refuseBeyondLimit } from "../../cloud/limits.ts";
import { createSnapshotRow, snapshotPlan } from "../../cloud/snapshots.ts";
import { addTags } from "../../cloud/tags.ts";
import { apiTime } from "../../cloud/time.ts";
import { asyncCommand } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { flag, keyValues, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported, unsupportedFlag } from "../unsupported.ts";
import { createdSnapshotView } from "../views/snapshot.ts";

export const createSnapshot = asyncCommand({
  name: "createSnapshot",
  description: "Creates an instant snapshot of a volume.",
  event: { type: "SNAPSHOT.CREATE", doing: "creating snapshot. Snapshot Id:" },
  commandClass: "user.snapshot.CreateSnapshotCmd",
  creates: true,
  params: {
    volumeid: uuid("volumes", "the root disk").required(),
    name: text("its name; several may have one"),
    quiescevm: withoutEffect(flag("asks the guest to hold still")),
    asyncbackup: withoutEffect(flag("answers before it is backed up")),
    locationtype: unsupported("managed storage"),
    policyid: unsupported("snapshot policies"),
    zoneids: unsupported("copies in other zones"),
    tags: keyValues("tags[0].key=k&tags[0].value=v"),
    storageids: unsupported("copies in other stores"),
    usestoragereplication: unsupportedFlag("replication between stores"),
    ...ownerParams,
  },
  response: { id: "string", name: "string", state: "string" },
  submit({ values, account, caller }, cloud) {
    refuseBeyondLimit(cloud, account, "snapshot");
    const volume = rowOf(cloud, "volumes", values.volumeid);
    if (volume.type === "DATADISK" || volume.instanceId === undefined) {
      throw invalidValue("the lab makes snapshots of root disks only");
    }
    if (volume.state !== "Ready") {
      throw invalidValue(
        `Can't create a snapshot of ${volume.name}: it is in state ${volume.state} but not in the Ready state`,
      );
    }
    const source = cloud.store.need("instances", volume.instanceId);
    if (source.state !== "Stopped") {
      throw invalidValue(
        "KVM Snapshot is not supported for Running VMs. It is disabled by default due to a possible volume corruption in certain cases.",
      );
    }
    const name = values.name || `${source.name}_${volume.name}_${apiTime().replace(/\D/gu, "").slice(0, 14)}`;
    const { id } = createSnapshotRow(cloud, volume, source, name);
    addTags(cloud, { type: "Snapshot", ids: [id] }, values.tags ?? [], caller.account);
    return snapshotPlan(cloud, id, createdSnapshotView);
  },
  resume: (job, cloud) => snapshotPlan(cloud, job.instanceId ?? "", createdSnapshotView),
});
