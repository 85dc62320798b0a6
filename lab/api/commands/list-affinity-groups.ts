import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, isOneOf } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { text, uuid } from "../parameters.ts";
import { affinityGroupView } from "../views/affinity-group.ts";
import { visibleTo } from "../visibility.ts";

export const listAffinityGroups = listCommand({
  name: "listAffinityGroups",
  description: "Lists affinity groups",
  params: {
    id: uuid("affinityGroups", "the group"),
    name: text("exact name"),
    type: text("its type"),
    virtualmachineid: uuid("instances", "of this instance"),
    ...visibilityParams,
  },
  response: { id: "string", name: "string", type: "string" },
  run(call, cloud) {
    const { id, name, type, virtualmachineid, keyword } = call.values;
    const of = virtualmachineid === undefined ? undefined : cloud.store.get("instances", virtualmachineid);
    const isVisible = visibleTo(cloud, call);
    const rows = cloud.store.filter(
      "affinityGroups",
      (row) =>
        isVisible(row) &&
        isOneOf(row.id, id) &&
        equals(name, row.name) &&
        equals(type, row.type) &&
        (virtualmachineid === undefined || (of?.affinityGroupIds ?? []).includes(row.id)) &&
        hasKeyword(keyword, row.name),
    );
    return listOf(call, "affinitygroup", rows, (row) => affinityGroupView(cloud, row));
  },
});
