import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { hasKeyword, hasTag, isOneOf } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { flag, keyValues, uuid, withoutEffect } from "../parameters.ts";
import { portForwardingRuleView } from "../views/firewall-rule.ts";
import { visibleTo } from "../visibility.ts";

export const listPortForwardingRules = listCommand({
  name: "listPortForwardingRules",
  description: "Lists all port forwarding rules for an IP address.",
  params: {
    id: uuid("portForwardingRules", "the rule"),
    ipaddressid: uuid("publicAddresses", "at this address"),
    networkid: uuid("networks", "in this network"),
    fordisplay: withoutEffect(flag("those that are shown")),
    tags: keyValues("tags"),
    ...visibilityParams,
  },
  response: { id: "string", publicport: "string", privateport: "string", state: "string" },
  run(call, cloud) {
    const { id, ipaddressid, networkid, tags, keyword } = call.values;
    const isVisible = visibleTo(cloud, call);
    const rows = cloud.store.filter(
      "portForwardingRules",
      (rule) =>
        isVisible(rule) &&
        isOneOf(rule.id, id) &&
        isOneOf(rule.addressId, ipaddressid) &&
        isOneOf(rule.networkId, networkid) &&
        hasKeyword(keyword, rule.protocol) &&
        hasTag(cloud, tags, rule.id),
    );
    return listOf(call, "portforwardingrule", rows, (rule) => portForwardingRuleView(cloud, rule));
  },
});
