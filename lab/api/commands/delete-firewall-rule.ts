import { removalPlan } from "../../cloud/firewall.ts";
import { asyncCommand } from "../command.ts";
import { uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const deleteFirewallRule = asyncCommand({
  name: "deleteFirewallRule",
  description: "Deletes a firewall rule",
  event: { type: "FIREWALL.CLOSE", doing: "deleting firewall rule" },
  commandClass: "user.firewall.DeleteFirewallRuleCmd",
  params: {
    id: uuid("firewallRules", "the rule").required(),
    accountid: withoutEffect(uuid("accounts", "whose it is")),
  },
  response: { success: "boolean" },
  submit({ values }, cloud) {
    const { id, networkId } = rowOf(cloud, "firewallRules", values.id);
    return removalPlan(cloud, "firewallRules", id, networkId);
  },
  resume: ({ options }, cloud) =>
    removalPlan(cloud, "firewallRules", options?.id ?? "", options?.networkId ?? ""),
});
