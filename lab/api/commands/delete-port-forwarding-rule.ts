import { removalPlan } from "../../cloud/firewall.ts";
import { asyncCommand } from "../command.ts";
import { uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const deletePortForwardingRule = asyncCommand({
  name: "deletePortForwardingRule",
  description: "Deletes a port forwarding rule",
  event: { type: "NET.RULEDELETE", doing: "deleting port forwarding rule" },
  commandClass: "user.firewall.DeletePortForwardingRuleCmd",
  params: {
    id: uuid("portForwardingRules", "the rule").required(),
    accountid: withoutEffect(uuid("accounts", "whose it is")),
  },
  response: { success: "boolean" },
  submit({ values }, cloud) {
    const { id, networkId } = rowOf(cloud, "portForwardingRules", values.id);
    return removalPlan(cloud, "portForwardingRules", id, networkId);
  },
  resume: ({ options }, cloud) =>
    removalPlan(cloud, "portForwardingRules", options?.id ?? "", options?.networkId ?? ""),
});
