import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, hasTag, isOneOf } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { keyValues, text, uuid } from "../parameters.ts";
import { securityGroupView } from "../views/security-group.ts";
import { visibleTo } from "../visibility.ts";

export const listSecurityGroups = listCommand({
  name: "listSecurityGroups",
  description: "Lists security groups",
  params: {
    id: uuid("securityGroups", "the group"),
    securitygroupname: text("exact name"),
    virtualmachineid: uuid("instances", "of this instance"),
    tags: keyValues("tags"),
    ...visibilityParams,
  },
  response: { id: "string", name: "string", ingressrule: "list", egressrule: "list" },
  run(call, cloud) {
    const { id, securitygroupname, virtualmachineid, tags, keyword } = call.values;
    const of = virtualmachineid === undefined ? undefined : cloud.store.get("instances", virtualmachineid);
    const isVisible = visibleTo(cloud, call);
    const rows = cloud.store.filter(
      "securityGroups",
      (row) =>
        isVisible(row) &&
        isOneOf(row.id, id) &&
        equals(securitygroupname, row.name) &&
        (virtualmachineid === undefined || (of?.securityGroupIds ?? []).includes(row.id)) &&
        hasKeyword(keyword, row.name) &&
        hasTag(cloud, tags, row.id),
    );
    return listOf(call, "securitygroup", rows, (row) => securityGroupView(cloud, row));
  },
});
