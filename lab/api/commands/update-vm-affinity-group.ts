import { invalidValue } from "../../cloud/failure.ts";
import type { Plan } from "../../cloud/jobs.ts";
import { asyncCommand } from "../command.ts";
import { groupIds } from "../group-names.ts";
import { list, uuid, uuids } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { instanceView } from "../views/instance.ts";

export const updateVMAffinityGroup = asyncCommand({
  name: "updateVMAffinityGroup",
  description:
    "Updates the affinity/anti-affinity group associations of an Instance. The Instance has to be stopped and restarted for the new properties to take effect.",
  event: { type: "VM.AG.UPDATE", doing: "updating the affinity groups of Vm. Vm Id:" },
  commandClass: "admin.affinitygroup.UpdateVMAffinityGroupCmdByAdmin",
  params: {
    id: uuid("instances", "the instance").required(),
    affinitygroupids: uuids("affinityGroups", "its groups from now on"),
    affinitygroupnames: list("their names, in place of their ids"),
  },
  response: { id: "string", affinitygroup: "list" },
  submit({ values, account }, cloud): Plan {
    const instance = rowOf(cloud, "instances", values.id);
    if (instance.state !== "Stopped") {
      throw invalidValue(
        `Unable update affinity groups of the virtual machine ${instance.name} in state ${instance.state}; make sure the virtual machine is stopped`,
      );
    }
    const affinityGroupIds = groupIds(
      cloud,
      "affinityGroups",
      account,
      values.affinitygroupids,
      values.affinitygroupnames,
    );
    return {
      instanceType: "VirtualMachine",
      instanceId: instance.id,
      queue: instance.id,
      work: async () => () => ({
        virtualmachine: instanceView(cloud, cloud.changeInstance(instance.id, { affinityGroupIds })),
      }),
    };
  },
});
