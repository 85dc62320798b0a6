/** Rules of security groups: one for each of the networks that a command names. */
import { isCidr } from "../cloud/addresses.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { invalidValue } from "../cloud/failure.ts";
import type { Plan } from "../cloud/jobs.ts";
import type { SecurityRule } from "../cloud/model.ts";
import { ownerParams } from "./owners.ts";
import { integer, list, text, uuid } from "./parameters.ts";
import { rowOf } from "./rows.ts";
import { unsupported } from "./unsupported.ts";
import { securityGroupView } from "./views/security-group.ts";

export const securityRuleParams = {
  securitygroupid: uuid("securityGroups", "the group"),
  securitygroupname: text("its name, in place of its id"),
  protocol: text("tcp, udp, icmp, all or a number; tcp when left out"),
  startport: integer("first port"),
  endport: integer("last port"),
  icmptype: integer("ICMP type"),
  icmpcode: integer("ICMP code"),
  cidrlist: list("networks"),
  usersecuritygrouplist: unsupported("rules that name groups"),
  ...ownerParams,
};

interface Given {
  securitygroupid: string | undefined;
  securitygroupname: string | undefined;
  protocol: string | undefined;
  startport: number | undefined;
  endport: number | undefined;
  icmptype: number | undefined;
  icmpcode: number | undefined;
  cidrlist: readonly string[] | undefined;
}

export function authorizePlan(cloud: Cloud, given: Given, direction: SecurityRule["direction"]): Plan {
  const { store } = cloud;
  const named = store.find("securityGroups", ({ name }) => name === given.securitygroupname);
  const id = given.securitygroupid ?? named?.id;
  if (id === undefined) throw invalidValue("Either securityGroupId or securityGroupName is required");
  const group = rowOf(cloud, "securityGroups", id);
  const cidrs = given.cidrlist ?? [];
  if (cidrs.length === 0)
    throw invalidValue("At least one cidr or at least one security group needs to be specified");
  const wrong = cidrs.find((cidr) => !isCidr(cidr));
  if (wrong !== undefined) throw invalidValue(`Invalid cidr ${wrong}`);
  const protocol = (given.protocol ?? "tcp").toLowerCase();
  const rules = cidrs.map(
    (cidr): SecurityRule => ({
      id: store.newId("securityGroups"),
      direction,
      protocol,
      ...(protocol === "icmp"
        ? { icmpType: given.icmptype ?? -1, icmpCode: given.icmpcode ?? -1 }
        : given.startport === undefined
          ? {}
          : { startPort: given.startport, endPort: given.endport ?? given.startport }),
      cidr,
    }),
  );
  return {
    instanceType: "SecurityGroup",
    instanceId: group.id,
    queue: group.id,
    work: async () => () => {
      const now = store.need("securityGroups", group.id);
      store.put("securityGroups", { ...now, rules: [...now.rules, ...rules] });
      const view = securityGroupView(cloud, { ...now, rules });
      return { securitygroup: view };
    },
  };
}

export function revokePlan(cloud: Cloud, ruleId: string): Plan {
  const { store } = cloud;
  const group = store.find("securityGroups", ({ rules }) => rules.some(({ id }) => id === ruleId));
  if (!group) throw invalidValue(`Unable to find security rule with id ${ruleId}`);
  return {
    queue: group.id,
    work: async () => () => {
      const now = store.need("securityGroups", group.id);
      store.put("securityGroups", { ...now, rules: now.rules.filter(({ id }) => id !== ruleId) });
      return { success: true };
    },
  };
}
