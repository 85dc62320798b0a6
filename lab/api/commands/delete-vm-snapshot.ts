import type { Plan } from "../../cloud/jobs.ts";
import { removeTagsOf } from "../../cloud/networks.ts";
import { asyncCommand } from "../command.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const deleteVMSnapshot = asyncCommand({
  name: "deleteVMSnapshot",
  description: "Deletes an Instance Snapshot.",
  event: { type: "VMSNAPSHOT.DELETE", doing: "deleting snapshot for VM. VM Snapshot Id:" },
  commandClass: "user.vmsnapshot.DeleteVMSnapshotCmd",
  params: { vmsnapshotid: uuid("instanceSnapshots", "the snapshot").required() },
  response: { success: "boolean" },
  submit({ values }, cloud): Plan {
    const { id } = rowOf(cloud, "instanceSnapshots", values.vmsnapshotid);
    return {
      instanceType: "VmSnapshot",
      instanceId: id,
      work: async () => () => {
        removeTagsOf(cloud, id);
        cloud.store.remove("instanceSnapshots", id);
        return { success: true };
      },
    };
  },
});
