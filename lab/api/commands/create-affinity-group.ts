import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue } from "../../cloud/failure.ts";
import type { Plan } from "../../cloud/jobs.ts";
import { affinityGroupTypes } from "../affinity-group-types.ts";
import { asyncCommand } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { text } from "../parameters.ts";
import { affinityGroupView } from "../views/affinity-group.ts";

export const createAffinityGroup = asyncCommand({
  name: "createAffinityGroup",
  description: "Creates an affinity/anti-affinity group",
  event: { type: "AG.CREATE", doing: "Creating Affinity Group. Affinity Group Id:" },
  commandClass: "user.affinitygroup.CreateAffinityGroupCmd",
  creates: true,
  params: {
    name: text("its name, once in an account").required(),
    type: text("one of listAffinityGroupTypes").required(),
    description: text("for people"),
    ...ownerParams,
  },
  response: { id: "string", name: "string", type: "string" },
  submit({ values, account }, cloud) {
    const { store } = cloud;
    if (!affinityGroupTypes.includes(values.type)) {
      throw invalidValue(`Unable to create affinity group, invalid affinity group type${values.type}`);
    }
    if (store.find("affinityGroups", (row) => row.name === values.name && row.accountId === account.id)) {
      throw invalidValue(`Unable to create affinity group, a group with name ${values.name} already exists.`);
    }
    const id = store.newId("affinityGroups");
    store.put("affinityGroups", {
      id,
      number: store.nextNumber("affinityGroups"),
      name: values.name,
      type: values.type,
      description: values.description ?? "",
      accountId: account.id,
    });
    return shown(cloud, id);
  },
  resume: (job, cloud) => shown(cloud, job.instanceId ?? ""),
});

function shown(cloud: Cloud, id: string): Plan {
  return {
    instanceType: "AffinityGroup",
    instanceId: id,
    work: async () => () => ({
      affinitygroup: affinityGroupView(cloud, cloud.store.need("affinityGroups", id)),
    }),
    failed: () => cloud.store.forget("affinityGroups", id),
  };
}
