import { deleteSnapshotPlan } from "../../cloud/snapshots.ts";
import { asyncCommand } from "../command.ts";
import { uuid, withoutEffect } from "../parameters.ts";

export const deleteSnapshot = asyncCommand({
  name: "deleteSnapshot",
  description: "Deletes a snapshot of a disk volume.",
  event: { type: "SNAPSHOT.DELETE", doing: "deleting snapshot. Snapshot Id:" },
  commandClass: "user.snapshot.DeleteSnapshotCmd",
  params: {
    id: uuid("snapshots", "the snapshot").required(),
    zoneid: withoutEffect(uuid("zones", "only the copy there")),
  },
  response: { success: "boolean" },
  submit: ({ values }, cloud) => deleteSnapshotPlan(cloud, values.id),
  resume: (job, cloud) => deleteSnapshotPlan(cloud, job.instanceId ?? ""),
});
