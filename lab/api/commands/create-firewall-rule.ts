import { firewallRulePlan, refuseFirewallConflict } from "../../cloud/firewall.ts";
import { asyncCommand } from "../command.ts";
import { firewallParams, readCidrs, readMatch } from "../firewall-params.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { firewallRuleView, ruleText } from "../views/firewall-rule.ts";

export const createFirewallRule = asyncCommand({
  name: "createFirewallRule",
  description: "Creates a firewall rule for a given IP address",
  event: { type: "FIREWALL.OPEN", doing: "creating firewall rule. Firewall Rule Id:" },
  commandClass: "user.firewall.CreateFirewallRuleCmd",
  creates: true,
  params: {
    ipaddressid: uuid("publicAddresses", "the public address").required(),
    ...firewallParams,
  },
  response: { id: "string", protocol: "string", cidrlist: "string", state: "string" },
  submit({ values }, cloud) {
    const { store } = cloud;
    const address = rowOf(cloud, "publicAddresses", values.ipaddressid);
    const cidrs = readCidrs(values.cidrlist, "Source");
    const rule = {
      traffic: "Ingress" as const,
      networkId: address.networkId,
      addressId: address.id,
      ...readMatch(values),
      cidrs: cidrs.length > 0 ? cidrs : ["0.0.0.0/0"],
      destinationCidrs: [],
      // It belongs to whoever has the address, whoever asks for it.
      accountId: address.accountId,
    };
    refuseFirewallConflict(cloud, rule, ruleText);
    const id = store.newId("firewallRules");
    store.put("firewallRules", { id, number: store.nextNumber("firewallRules"), ...rule });
    return firewallRulePlan(cloud, id, firewallRuleView);
  },
  resume: (job, cloud) => firewallRulePlan(cloud, job.instanceId ?? "", firewallRuleView),
});
