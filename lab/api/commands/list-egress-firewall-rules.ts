import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { hasKeyword, hasTag, isOneOf } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { flag, keyValues, uuid, withoutEffect } from "../parameters.ts";
import { firewallRuleView } from "../views/firewall-rule.ts";
import { visibleTo } from "../visibility.ts";

export const listEgressFirewallRules = listCommand({
  name: "listEgressFirewallRules",
  description: "Lists all egress firewall rules for a network.",
  params: {
    id: uuid("firewallRules", "the rule"),
    ipaddressid: uuid("publicAddresses", "at this address"),
    networkid: uuid("networks", "in this network"),
    fordisplay: withoutEffect(flag("those that are shown")),
    tags: keyValues("tags"),
    ...visibilityParams,
  },
  response: { id: "string", protocol: "string", cidrlist: "string", state: "string" },
  run(call, cloud) {
    const { id, ipaddressid, networkid, tags, keyword } = call.values;
    const isVisible = visibleTo(cloud, call);
    const rows = cloud.store.filter(
      "firewallRules",
      (rule) =>
        isVisible(rule) &&
        rule.traffic === "Egress" &&
        isOneOf(rule.id, id) &&
        isOneOf(rule.addressId ?? "", ipaddressid) &&
        isOneOf(rule.networkId, networkid) &&
        hasKeyword(keyword, rule.protocol) &&
        hasTag(cloud, tags, rule.id),
    );
    return listOf(call, "firewallrule", rows, (rule) => firewallRuleView(cloud, rule));
  },
});
