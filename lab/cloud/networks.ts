/** Networks that clients make: their rows, their way from allocated to implemented, and the rules that hold in them. */
import type { NetworkRules, PacketMatch } from "../network/network.ts";
import { freePublicAddress } from "./addresses.ts";
import type { Cloud } from "./cloud.ts";
import { runtimeFault } from "./failure.ts";
import type { Plan } from "./jobs.ts";
import type { FirewallRule, Network, PublicAddress } from "./model.ts";
import { apiTime } from "./time.ts";

export function isIsolated(cloud: Cloud, network: Network): boolean {
  return cloud.store.need("networkOfferings", network.networkOfferingId).guestIpType === "Isolated";
}

/** The first instance makes the network real: an isolated one gets the address of its source NAT. */
export function implement(cloud: Cloud, network: Network): void {
  const { store } = cloud;
  store.transaction(() => {
    if (isIsolated(cloud, network) && !sourceNatOf(cloud, network.id)) addAddress(cloud, network, true);
    store.put("networks", { ...network, state: "Implemented" });
  });
}

/** Inside a transaction. */
export function addAddress(
  cloud: Cloud,
  network: Network,
  sourceNat: boolean,
  wanted?: string,
): PublicAddress {
  const { store } = cloud;
  const address: PublicAddress = {
    id: store.newId("publicAddresses"),
    number: store.nextNumber("publicAddresses"),
    ipAddress: freePublicAddress(cloud, wanted),
    accountId: network.accountId,
    networkId: network.id,
    sourceNat,
    created: apiTime(),
  };
  store.put("publicAddresses", address);
  return address;
}

function sourceNatOf(cloud: Cloud, networkId: string): PublicAddress | undefined {
  return cloud.store.find("publicAddresses", (row) => row.networkId === networkId && row.sourceNat);
}

/** The rows' rules on the network's packets; where the network is not on the host there is nothing to do. */
export async function enforce(cloud: Cloud, networkId: string): Promise<void> {
  const network = cloud.store.get("networks", networkId);
  if (!network || !isIsolated(cloud, network) || network.state === "Allocated") return;
  await cloud.networks.setRules(networkId, rulesOf(cloud, network));
}

function rulesOf(cloud: Cloud, network: Network): NetworkRules {
  const { store } = cloud;
  const addresses = store.filter("publicAddresses", (row) => row.networkId === network.id);
  const rules = store.filter("firewallRules", (row) => row.networkId === network.id);
  return {
    egress: {
      passes: network.egress,
      except: rules.filter(({ traffic }) => traffic === "Egress").map(matchOf),
    },
    addresses: addresses.map((address) => ({
      publicAddress: address.ipAddress,
      allowed: rules.filter(({ addressId }) => addressId === address.id).map(matchOf),
      ...(address.staticNat && { guest: address.staticNat.guestIp }),
      ports: store
        .filter("portForwardingRules", ({ addressId }) => addressId === address.id)
        .map(({ protocol, publicPort, publicEndPort, privatePort, guestIp }) => ({
          protocol,
          ports: [publicPort, publicEndPort] as const,
          guest: guestIp,
          guestPort: privatePort,
        })),
    })),
  };
}

function matchOf(rule: FirewallRule): PacketMatch {
  const { protocol, startPort, endPort, icmpType, icmpCode, cidrs, destinationCidrs } = rule;
  return {
    protocol,
    ...(startPort !== undefined && { ports: [startPort, endPort ?? startPort] as const }),
    ...(icmpType !== undefined && icmpType >= 0 && { icmpType }),
    ...(icmpCode !== undefined && icmpCode >= 0 && { icmpCode }),
    sources: cidrs,
    destinations: destinationCidrs,
  };
}

export function restartPlan(cloud: Cloud, networkId: string): Plan {
  return {
    queue: networkId,
    instanceType: "Network",
    instanceId: networkId,
    async work() {
      await enforce(cloud, networkId);
      return () => ({ success: true });
    },
  };
}

/** An instance that is destroyed but not expunged still holds it; the server does not say so. */
export function deleteNetworkPlan(cloud: Cloud, networkId: string): Plan {
  const { store } = cloud;
  return {
    queue: networkId,
    instanceType: "Network",
    instanceId: networkId,
    async work() {
      const used = store.find("instances", ({ nics }) => nics.some((nic) => nic.networkId === networkId));
      if (used) throw runtimeFault("Failed to delete network");
      await cloud.networks.removeNetwork(networkId);
      return () => {
        for (const address of store.filter("publicAddresses", (row) => row.networkId === networkId)) {
          removeAddress(cloud, address.id);
        }
        for (const rule of store.filter("firewallRules", (row) => row.networkId === networkId)) {
          forgetWithTags(cloud, "firewallRules", rule.id);
        }
        removeTagsOf(cloud, networkId);
        store.remove("networks", networkId);
        return { success: true };
      };
    },
  };
}

/** With every rule on it. Inside a transaction. */
export function removeAddress(cloud: Cloud, addressId: string): void {
  const { store } = cloud;
  for (const rule of store.filter("portForwardingRules", (row) => row.addressId === addressId)) {
    forgetWithTags(cloud, "portForwardingRules", rule.id);
  }
  for (const rule of store.filter("firewallRules", (row) => row.addressId === addressId)) {
    forgetWithTags(cloud, "firewallRules", rule.id);
  }
  removeTagsOf(cloud, addressId);
  store.remove("publicAddresses", addressId);
}

/** What leads to an instance goes with it. Inside a transaction. @returns the networks whose rules moved */
export function removeWaysTo(cloud: Cloud, instanceId: string): string[] {
  const { store } = cloud;
  const forwarding = store.filter("portForwardingRules", (row) => row.instanceId === instanceId);
  const natted = store.filter("publicAddresses", (row) => row.staticNat?.instanceId === instanceId);
  for (const rule of forwarding) removeForwarding(cloud, rule.id);
  for (const { staticNat: _, ...address } of natted) store.put("publicAddresses", address);
  return [...new Set([...forwarding, ...natted].map(({ networkId }) => networkId))];
}

/** With the firewall rule that was opened along with it. Inside a transaction. */
export function removeForwarding(cloud: Cloud, ruleId: string): void {
  for (const opened of cloud.store.filter("firewallRules", (row) => row.forwardingRuleId === ruleId)) {
    forgetWithTags(cloud, "firewallRules", opened.id);
  }
  forgetWithTags(cloud, "portForwardingRules", ruleId);
}

/** The server knows a removed rule's id no more. Inside a transaction. */
export function forgetWithTags(
  cloud: Cloud,
  table: "firewallRules" | "portForwardingRules",
  id: string,
): void {
  removeTagsOf(cloud, id);
  cloud.store.forget(table, id);
}

export function removeTagsOf(cloud: Cloud, resourceId: string): void {
  for (const tag of cloud.store.filter("tags", (row) => row.resourceId === resourceId)) {
    cloud.store.remove("tags", tag.id);
  }
}
