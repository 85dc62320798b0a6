import type { Cloud } from "../../cloud/cloud.ts";
import type { FirewallRule, PortForwardingRule } from "../../cloud/model.ts";
import { tagViews } from "./tag.ts";

/** Ports are numbers here, and texts in port forwarding rules. */
export function firewallRuleView(cloud: Cloud, rule: FirewallRule): Record<string, unknown> {
  const address =
    rule.addressId === undefined ? undefined : cloud.store.need("publicAddresses", rule.addressId);
  return {
    id: rule.id,
    protocol: rule.protocol,
    ...(rule.startPort === undefined ? {} : { startport: rule.startPort, endport: rule.endPort }),
    ...(rule.icmpType === undefined ? {} : { icmptype: rule.icmpType, icmpcode: rule.icmpCode }),
    ...(address ? { ipaddressid: address.id } : {}),
    networkid: rule.networkId,
    ...(address ? { ipaddress: address.ipAddress } : {}),
    state: "Active",
    cidrlist: rule.cidrs.join(","),
    tags: tagViews(cloud, rule.id),
    fordisplay: true,
    destcidrlist: rule.destinationCidrs.join(","),
    traffictype: rule.traffic,
  };
}

export function portForwardingRuleView(cloud: Cloud, rule: PortForwardingRule): Record<string, unknown> {
  const instance = cloud.store.need("instances", rule.instanceId);
  const address = cloud.store.need("publicAddresses", rule.addressId);
  return {
    id: rule.id,
    privateport: String(rule.privatePort),
    privateendport: String(rule.privateEndPort),
    protocol: rule.protocol,
    publicport: String(rule.publicPort),
    publicendport: String(rule.publicEndPort),
    virtualmachineid: instance.id,
    virtualmachinename: instance.name,
    virtualmachinedisplayname: instance.displayName,
    ipaddressid: address.id,
    ipaddress: address.ipAddress,
    state: "Active",
    cidrlist: rule.cidrs.join(","),
    tags: tagViews(cloud, rule.id),
    vmguestip: rule.guestIp,
    networkid: rule.networkId,
    fordisplay: true,
  };
}

/** How error texts name a rule that is in the way. */
export function ruleText(cloud: Cloud, rule: FirewallRule | PortForwardingRule, purpose: string): string {
  const networkId = cloud.store.need("networks", rule.networkId).number;
  return `FirewallRule ${JSON.stringify({ id: rule.number, networkId, purpose, state: "Active", uuid: rule.id })}`;
}
