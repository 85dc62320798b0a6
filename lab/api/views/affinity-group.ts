import type { Cloud } from "../../cloud/cloud.ts";
import type { AffinityGroup } from "../../cloud/model.ts";
import { ownerFields } from "./owner.ts";

export function affinityGroupView(cloud: Cloud, group: AffinityGroup): Record<string, unknown> {
  const members = cloud.store.filter("instances", ({ affinityGroupIds }) =>
    (affinityGroupIds ?? []).includes(group.id),
  );
  return {
    id: group.id,
    name: group.name,
    description: group.description,
    ...ownerFields(cloud, group.accountId),
    type: group.type,
    virtualmachineIds: members.map(({ id }) => id),
  };
}
