import type { Cloud } from "../../cloud/cloud.ts";
import type { SecurityGroup, SecurityRule } from "../../cloud/model.ts";
import { ownerFields } from "./owner.ts";
import { tagViews } from "./tag.ts";

export function securityGroupView(cloud: Cloud, group: SecurityGroup): Record<string, unknown> {
  const rules = (direction: SecurityRule["direction"]) =>
    group.rules.filter((rule) => rule.direction === direction).map(ruleView);
  const members = cloud.store.filter("instances", (row) => row.securityGroupIds?.includes(group.id) === true);
  return {
    id: group.id,
    name: group.name,
    description: group.description,
    ...ownerFields(cloud, group.accountId),
    ingressrule: rules("ingress"),
    egressrule: rules("egress"),
    tags: tagViews(cloud, group.id),
    virtualmachinecount: members.length,
    virtualmachineids: members.map(({ id }) => id),
  };
}

function ruleView(rule: SecurityRule): Record<string, unknown> {
  return {
    ruleid: rule.id,
    protocol: rule.protocol,
    ...(rule.startPort === undefined ? {} : { startport: rule.startPort, endport: rule.endPort }),
    ...(rule.icmpType === undefined ? {} : { icmptype: rule.icmpType, icmpcode: rule.icmpCode }),
    cidr: rule.cidr,
    tags: [],
  };
}
