import { holdsNetwork } from "../../cloud/addresses.ts";
import { invalidValue } from "../../cloud/failure.ts";
import { firewallRulePlan, refuseFirewallConflict } from "../../cloud/firewall.ts";
import { isIsolated } from "../../cloud/networks.ts";
import { asyncCommand } from "../command.ts";
import { firewallParams, readCidrs, readMatch } from "../firewall-params.ts";
import { list, uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { firewallRuleView, ruleText } from "../views/firewall-rule.ts";

export const createEgressFirewallRule = asyncCommand({
  name: "createEgressFirewallRule",
  description: "Creates a egress firewall rule for a given network",
  event: { type: "FIREWALL.EGRESS.OPEN", doing: "creating egress firewall rule. Firewall Rule Id:" },
  commandClass: "user.firewall.CreateEgressFirewallRuleCmd",
  creates: true,
  params: {
    networkid: uuid("networks", "the guests' network").required(),
    ...firewallParams,
    destcidrlist: list("receivers' networks"),
  },
  response: { id: "string", protocol: "string", cidrlist: "string", destcidrlist: "string", state: "string" },
  submit({ values }, cloud) {
    const { store } = cloud;
    const network = rowOf(cloud, "networks", values.networkid);
    if (!isIsolated(cloud, network)) {
      throw invalidValue(`Egress firewall rules are not supported for ${network.name}`);
    }
    const cidrs = readCidrs(values.cidrlist, "Source");
    for (const cidr of cidrs) {
      if (cidr !== "0.0.0.0/0" && !holdsNetwork(network.cidr, cidr)) {
        throw invalidValue(`${cidr}is not within the guest cidr ${network.cidr}`);
      }
    }
    const rule = {
      traffic: "Egress" as const,
      networkId: network.id,
      ...readMatch(values),
      cidrs: cidrs.length > 0 ? cidrs : [network.cidr],
      destinationCidrs: readCidrs(values.destcidrlist, "Destination"),
      // It belongs to whoever has the network, whoever asks for it.
      accountId: network.accountId,
    };
    refuseFirewallConflict(cloud, rule, ruleText);
    const id = store.newId("firewallRules");
    store.put("firewallRules", { id, number: store.nextNumber("firewallRules"), ...rule });
    return firewallRulePlan(cloud, id, firewallRuleView);
  },
  resume: (job, cloud) => firewallRulePlan(cloud, job.instanceId ?? "", firewallRuleView),
});
