import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue } from "../../cloud/failure.ts";
import type { Plan } from "../../cloud/jobs.ts";
import { asyncCommand } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { text, uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const deleteAffinityGroup = asyncCommand({
  name: "deleteAffinityGroup",
  description: "Deletes affinity group",
  event: { type: "AG.DELETE", doing: "Deleting Affinity Group. Affinity Group Id:" },
  commandClass: "user.affinitygroup.DeleteAffinityGroupCmd",
  params: {
    id: uuid("affinityGroups", "the group"),
    name: text("its name, in place of its id"),
    ...ownerParams,
  },
  response: { success: "boolean" },
  submit({ values, account }, cloud) {
    const named = cloud.store.find(
      "affinityGroups",
      (row) => row.name === values.name && row.accountId === account.id,
    );
    const id = values.id ?? named?.id;
    if (id === undefined)
      throw invalidValue("Either the affinity group Id or group name must be specified to delete the group");
    return removal(cloud, rowOf(cloud, "affinityGroups", id).id);
  },
  resume: (job, cloud) => removal(cloud, job.instanceId ?? ""),
});

/** Instances leave the group. */
function removal(cloud: Cloud, id: string): Plan {
  const { store } = cloud;
  return {
    instanceType: "AffinityGroup",
    instanceId: id,
    work: async () => () => {
      for (const instance of store.filter(
        "instances",
        (row) => row.affinityGroupIds?.includes(id) === true,
      )) {
        const affinityGroupIds = (instance.affinityGroupIds ?? []).filter((group) => group !== id);
        cloud.changeInstance(instance.id, { affinityGroupIds });
      }
      store.remove("affinityGroups", id);
      return { success: true };
    },
  };
}
