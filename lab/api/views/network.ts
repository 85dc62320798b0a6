import { seesAll } from "../../cloud/call-context.ts";
import type { Cloud } from "../../cloud/cloud.ts";
import { fixedId } from "../../cloud/fixed-ids.ts";
import type { Network, NetworkOffering } from "../../cloud/model.ts";
import { isIsolated } from "../../cloud/networks.ts";
import { ownerFields } from "./owner.ts";
import { tagViews } from "./tag.ts";

const provider = [{ name: "VirtualRouter" }];

interface Service {
  name: string;
  capabilities?: Readonly<Record<string, string>>;
  /** Of those, what an offering can leave to choose. */
  chosen?: readonly string[];
}

const guestServices: readonly Service[] = [
  { name: "Dhcp", capabilities: { DhcpAccrossMultipleSubnets: "true" } },
  { name: "Dns", capabilities: { AllowDnsSuffixModification: "true" } },
  { name: "UserData" },
];

const staticNat = (elastic: boolean): Service => ({
  name: "StaticNat",
  capabilities: { ElasticIp: String(elastic), AssociatePublicIP: "true" },
  chosen: ["ElasticIp", "AssociatePublicIP"],
});

const isolatedServices: readonly Service[] = [
  ...guestServices,
  {
    name: "SourceNat",
    capabilities: { SupportedSourceNatTypes: "peraccount", RedundantRouter: "false" },
    chosen: ["SupportedSourceNatTypes", "RedundantRouter"],
  },
  staticNat(false),
  { name: "PortForwarding", capabilities: { SupportedProtocols: "tcp,udp" } },
  {
    name: "Firewall",
    capabilities: {
      SupportedTrafficDirection: "ingress, egress",
      SupportedProtocols: "tcp,udp,icmp",
      TrafficStatistics: "per public ip",
      SupportedEgressProtocols: "tcp,udp,icmp, all",
      MultipleIps: "true",
    },
  },
];

function servicesOf({ guestIpType, elasticIp: elastic }: NetworkOffering): readonly Service[] {
  switch (guestIpType) {
    case "Isolated":
      return isolatedServices;
    case "Shared":
      return elastic ? [...guestServices, staticNat(true)] : guestServices;
    case "L2":
      return [];
  }
}

export function hasServices(offering: NetworkOffering, wanted: readonly string[] | undefined): boolean {
  const names = servicesOf(offering).map(({ name }) => name.toLowerCase());
  return (wanted ?? []).every((name) => names.includes(name.toLowerCase()));
}

const capability = (name: string, value: string, canchooseservicecapability: boolean) => ({
  name,
  value,
  canchooseservicecapability,
});

/** Of a network: everything, and what its offering could have chosen is marked, but for static NAT. */
function networkService({ name, capabilities = {}, chosen = [] }: Service): Record<string, unknown> {
  return {
    name,
    provider,
    capability: Object.entries(capabilities).map(([key, value]) =>
      capability(key, value, chosen.includes(key) && name === "SourceNat"),
    ),
  };
}

/** Of an offering: only what it has chosen. */
function offeredService({ name, capabilities = {}, chosen = [] }: Service): Record<string, unknown> {
  const choices = chosen.map((key) => capability(key, capabilities[key] ?? "", false));
  return { name, provider, ...(choices.length === 0 ? {} : { capability: choices }) };
}

/** Guests of an isolated network have a VLAN once it is implemented. */
export function vlanOf(cloud: Cloud, network: Network): string | undefined {
  if (!isIsolated(cloud, network)) return "untagged";
  return network.state === "Allocated" ? undefined : String(100 + network.number);
}

export function networkView(cloud: Cloud, network: Network): Record<string, unknown> {
  const offering = cloud.store.need("networkOfferings", network.networkOfferingId);
  const vlan = seesAll() ? vlanOf(cloud, network) : undefined;
  return {
    id: network.id,
    name: network.name,
    displaytext: network.displayText,
    broadcastdomaintype: "Vlan",
    traffictype: "Guest",
    ...(network.cidr === ""
      ? {}
      : { gateway: network.gateway, netmask: network.netmask, cidr: network.cidr }),
    zoneid: network.zoneId,
    zonename: cloud.zoneNamed(network.zoneId).name,
    networkofferingid: offering.id,
    networkofferingname: offering.name,
    networkofferingdisplaytext: offering.displayText,
    networkofferingconservemode: true,
    networkofferingavailability: availabilityOf(offering),
    issystem: false,
    state: network.state ?? "Setup",
    related: network.id,
    ...(vlan === undefined ? {} : { broadcasturi: `vlan://${vlan}` }),
    ...(network.cidr === "" ? {} : { dns1: network.gateway }),
    type: offering.guestIpType,
    ...(vlan === undefined ? {} : { vlan }),
    ...(offering.guestIpType === "Shared"
      ? { acltype: "Domain", subdomainaccess: true }
      : { acltype: "Account" }),
    ...ownerFields(cloud, network.accountId),
    service: servicesOf(offering).map(networkService),
    networkdomain: network.domain,
    physicalnetworkid: fixedId(cloud, "physical-network"),
    restartrequired: false,
    specifyvlan: offering.guestIpType === "Shared",
    specifyipranges: offering.guestIpType === "Shared",
    canusefordeploy: true,
    ispersistent: false,
    tags: tagViews(cloud, network.id),
    ...(seesAll() ? { details: {}, displaynetwork: true } : {}),
    strechedl2subnet: false,
    redundantrouter: false,
    supportsvmautoscaling: false,
    created: network.created,
    receivedbytes: 0,
    sentbytes: 0,
    egressdefaultpolicy: network.egress,
    publicmtu: 1500,
    privatemtu: 1500,
    hasannotations: false,
  };
}

/** The one that the server would make a network of by itself is required. */
export function availabilityOf({ name }: NetworkOffering): string {
  return name === "DefaultIsolatedNetworkOfferingWithSourceNatService" ? "Required" : "Optional";
}

export function networkOfferingView(cloud: Cloud, offering: NetworkOffering): Record<string, unknown> {
  return {
    id: offering.id,
    name: offering.name,
    displaytext: offering.displayText,
    created: offering.created,
    traffictype: "Guest",
    isdefault: true,
    specifyvlan: offering.guestIpType === "Shared",
    conservemode: true,
    specifyipranges: offering.guestIpType === "Shared",
    availability: availabilityOf(offering),
    networkrate: 200,
    state: "Enabled",
    guestiptype: offering.guestIpType,
    serviceofferingid: fixedId(cloud, "router-offering"),
    service: servicesOf(offering).map(offeredService),
    forvpc: false,
    fornsx: false,
    fortungsten: false,
    ispersistent: false,
    egressdefaultpolicy: offering.egressDefault,
    supportsstrechedl2subnet: false,
    supportspublicaccess: false,
    supportsinternallb: false,
    internetprotocol: "IPv4",
    specifyasnumber: false,
    hasannotations: false,
  };
}
