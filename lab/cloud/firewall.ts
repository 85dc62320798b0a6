/** Firewall and port forwarding rules: what may stand beside what, and how they come and go. */
import type { Cloud } from "./cloud.ts";
import { ApiError } from "./failure.ts";
import type { Plan } from "./jobs.ts";
import type { FirewallRule, PortForwardingRule } from "./model.ts";
import { enforce, forgetWithTags, removeForwarding } from "./networks.ts";

type Describe<Rule> = (cloud: Cloud, rule: Rule, purpose: string) => string;

/** NetworkRuleConflictException. */
const conflict = (text: string): ApiError => new ApiError(537, text, 4360);

/** The same ports for the same senders, at one address or in one network, are refused. */
export function refuseFirewallConflict(
  cloud: Cloud,
  rule: Omit<FirewallRule, "id" | "number">,
  describe: Describe<FirewallRule>,
): void {
  const rivals = cloud.store.filter(
    "firewallRules",
    (other) =>
      other.traffic === rule.traffic &&
      other.networkId === rule.networkId &&
      other.addressId === rule.addressId &&
      other.protocol === rule.protocol &&
      shares(other.cidrs, rule.cidrs) &&
      shares(other.destinationCidrs, rule.destinationCidrs),
  );
  for (const other of rivals) {
    if (rule.protocol === "all") {
      throw new ApiError(
        537,
        "There is already a firewall rule specified with protocol = all and no ports",
        9999,
      );
    }
    if (rule.protocol === "icmp") {
      if (other.icmpType !== rule.icmpType || other.icmpCode !== rule.icmpCode) continue;
      throw conflict(`New rule conflicts with existing rule id=${other.number}`);
    }
    const [from, to] = [rule.startPort ?? 0, rule.endPort ?? 65535];
    const [otherFrom, otherTo] = [other.startPort ?? 0, other.endPort ?? 65535];
    if (from > otherTo || to < otherFrom) continue;
    throw conflict(
      `The range specified, ${from}-${to}, conflicts with rule ${describe(cloud, other, "Firewall")} which has ${otherFrom}-${otherTo}`,
    );
  }
}

export function refuseForwardingConflict(
  cloud: Cloud,
  rule: Omit<PortForwardingRule, "id" | "number">,
  describe: Describe<PortForwardingRule>,
): void {
  const other = cloud.store.find(
    "portForwardingRules",
    (row) =>
      row.addressId === rule.addressId &&
      row.protocol === rule.protocol &&
      row.publicPort <= rule.publicEndPort &&
      row.publicEndPort >= rule.publicPort,
  );
  if (!other) return;
  throw conflict(
    `The range specified, ${rule.publicPort}-${rule.publicEndPort}, conflicts with rule ${describe(cloud, other, "PortForwarding")} which has ${other.publicPort}-${other.publicEndPort}`,
  );
}

function shares(some: readonly string[], others: readonly string[]): boolean {
  return (some.length === 0 && others.length === 0) || some.some((one) => others.includes(one));
}

/** Brings a rule that is written down onto the packets. */
export function firewallRulePlan(
  cloud: Cloud,
  id: string,
  show: (cloud: Cloud, rule: FirewallRule) => Record<string, unknown>,
): Plan {
  return {
    instanceType: "FirewallRule",
    instanceId: id,
    async work() {
      await enforce(cloud, cloud.store.need("firewallRules", id).networkId);
      return () => ({ firewallrule: show(cloud, cloud.store.need("firewallRules", id)) });
    },
    failed: () => forgetWithTags(cloud, "firewallRules", id),
  };
}

export function forwardingRulePlan(
  cloud: Cloud,
  id: string,
  show: (cloud: Cloud, rule: PortForwardingRule) => Record<string, unknown>,
): Plan {
  return {
    instanceType: "FirewallRule",
    instanceId: id,
    async work() {
      await enforce(cloud, cloud.store.need("portForwardingRules", id).networkId);
      return () => ({ portforwardingrule: show(cloud, cloud.store.need("portForwardingRules", id)) });
    },
    failed: () => removeForwarding(cloud, id),
  };
}

/** @param before the rule as it is again where the change fails; after a restart nobody knows it */
export function forwardingChangePlan(
  cloud: Cloud,
  id: string,
  show: (cloud: Cloud, rule: PortForwardingRule) => Record<string, unknown>,
  before?: PortForwardingRule,
): Plan {
  return {
    ...forwardingRulePlan(cloud, id, show),
    failed() {
      if (before) cloud.store.put("portForwardingRules", before);
    },
  };
}

/** The rule and its network are in the options, since the row goes first. */
export function removalPlan(
  cloud: Cloud,
  table: "firewallRules" | "portForwardingRules",
  id: string,
  networkId: string,
): Plan {
  return {
    options: { id, networkId },
    async work() {
      cloud.store.transaction(() => {
        if (table === "portForwardingRules") removeForwarding(cloud, id);
        else forgetWithTags(cloud, table, id);
      });
      await enforce(cloud, networkId);
      return () => ({ success: true });
    },
  };
}
