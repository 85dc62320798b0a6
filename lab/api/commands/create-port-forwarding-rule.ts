import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue } from "../../cloud/failure.ts";
import {
  forwardingRulePlan,
  refuseFirewallConflict,
  refuseForwardingConflict,
} from "../../cloud/firewall.ts";
import { asyncCommand } from "../command.ts";
import { readCidrs, refusePorts, refusePrivatePorts } from "../firewall-params.ts";
import { guestIpOf } from "../guest-address.ts";
import { flag, integer, list, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { portForwardingRuleView, ruleText } from "../views/firewall-rule.ts";

export const createPortForwardingRule = asyncCommand({
  name: "createPortForwardingRule",
  description: "Creates a port forwarding rule",
  event: { type: "NET.RULEADD", doing: "creating port forwarding rule. Rule Id:" },
  commandClass: "user.firewall.CreatePortForwardingRuleCmd",
  creates: true,
  params: {
    ipaddressid: uuid("publicAddresses", "the public address").required(),
    protocol: text("tcp or udp").required(),
    publicport: integer("first port outside").required(),
    publicendport: integer("last port outside"),
    privateport: integer("first port of the guest").required(),
    privateendport: integer("last port of the guest"),
    virtualmachineid: uuid("instances", "the guest").required(),
    vmguestip: text("the guest's address"),
    networkid: withoutEffect(uuid("networks", "the guest's network")),
    cidrlist: list("senders' networks"),
    openfirewall: flag("with a firewall rule for everybody; true when left out"),
    fordisplay: withoutEffect(flag("shown to the user")),
  },
  response: { id: "string", publicport: "string", privateport: "string", state: "string" },
  submit({ values }, cloud) {
    const { store } = cloud;
    const address = rowOf(cloud, "publicAddresses", values.ipaddressid);
    const instance = rowOf(cloud, "instances", values.virtualmachineid);
    const protocol = values.protocol.toLowerCase();
    if (protocol !== "tcp" && protocol !== "udp") throw invalidValue(`Invalid protocol ${values.protocol}`);
    if (address.staticNat) {
      throw invalidValue(
        `Unable to create port forwarding rule for address with static nat enabled: ${address.ipAddress}`,
      );
    }
    const publicEndPort = values.publicendport ?? values.publicport;
    const privateEndPort = values.privateendport ?? values.privateport;
    refusePorts(values.publicport, publicEndPort);
    refusePrivatePorts(values.privateport, privateEndPort);
    if (publicEndPort - values.publicport !== privateEndPort - values.privateport) {
      throw invalidValue("Source port and destination port ranges should be of equal sizes.");
    }
    const rule = {
      networkId: address.networkId,
      addressId: address.id,
      protocol,
      publicPort: values.publicport,
      publicEndPort,
      privatePort: values.privateport,
      privateEndPort,
      instanceId: instance.id,
      guestIp: guestIpOf(cloud, instance, address, values.vmguestip || undefined),
      cidrs: readCidrs(values.cidrlist, "Source"),
      // It belongs to whoever has the address, whoever asks for it.
      accountId: address.accountId,
    } as const;
    refuseForwardingConflict(cloud, rule, ruleText);
    const id = store.newId("portForwardingRules");
    if (values.openfirewall !== false) openFirewall(cloud, id, rule);
    store.put("portForwardingRules", { id, number: store.nextNumber("portForwardingRules"), ...rule });
    return forwardingRulePlan(cloud, id, portForwardingRuleView);
  },
  resume: (job, cloud) => forwardingRulePlan(cloud, job.instanceId ?? "", portForwardingRuleView),
});

/** Where a rule for these ports is there already, that one stays as it is. */
function openFirewall(
  cloud: Cloud,
  forwardingRuleId: string,
  rule: {
    networkId: string;
    addressId: string;
    protocol: "tcp" | "udp";
    publicPort: number;
    publicEndPort: number;
    cidrs: readonly string[];
    accountId: string;
  },
): void {
  const { store } = cloud;
  const there = store.find(
    "firewallRules",
    (row) =>
      row.addressId === rule.addressId &&
      row.protocol === rule.protocol &&
      row.startPort === rule.publicPort &&
      row.endPort === rule.publicEndPort,
  );
  if (there) return;
  const opened = {
    traffic: "Ingress" as const,
    networkId: rule.networkId,
    addressId: rule.addressId,
    protocol: rule.protocol,
    startPort: rule.publicPort,
    endPort: rule.publicEndPort,
    cidrs: rule.cidrs.length > 0 ? rule.cidrs : ["0.0.0.0/0"],
    destinationCidrs: [],
    forwardingRuleId,
    accountId: rule.accountId,
  };
  refuseFirewallConflict(cloud, opened, ruleText);
  store.put("firewallRules", {
    id: store.newId("firewallRules"),
    number: store.nextNumber("firewallRules"),
    ...opened,
  });
}
