import type { Cloud } from "../../cloud/cloud.ts";
import { fixedId } from "../../cloud/fixed-ids.ts";
import type { Network, NetworkOffering } from "../../cloud/model.ts";
import { ownerFields } from "./owner.ts";
import { tagViews } from "./tag.ts";

const provider = [{ name: "VirtualRouter" }];

const guestServices = [
  { name: "Dhcp", provider },
  { name: "Dns", provider },
  { name: "UserData", provider },
];

const elasticIp = {
  name: "StaticNat",
  provider,
  capability: [
    { name: "ElasticIp", value: "true", canchooseservicecapability: false },
    { name: "AssociatePublicIP", value: "true", canchooseservicecapability: false },
  ],
};

const isolatedServices = [
  ...guestServices,
  { name: "SourceNat", provider },
  { name: "StaticNat", provider },
  {
    name: "PortForwarding",
    provider,
    capability: [{ name: "SupportedProtocols", value: "tcp,udp", canchooseservicecapability: false }],
  },
  {
    name: "Firewall",
    provider,
    capability: [
      { name: "SupportedProtocols", value: "tcp,udp,icmp", canchooseservicecapability: false },
      { name: "SupportedEgressProtocols", value: "tcp,udp,icmp, all", canchooseservicecapability: false },
    ],
  },
];

function servicesOf({ guestIpType, elasticIp: elastic }: NetworkOffering): Record<string, unknown>[] {
  switch (guestIpType) {
    case "Isolated":
      return isolatedServices;
    case "Shared":
      return elastic ? [...guestServices, elasticIp] : guestServices;
    case "L2":
      return [];
  }
}

export function networkView(cloud: Cloud, network: Network): Record<string, unknown> {
  const offering = cloud.store.need("networkOfferings", network.networkOfferingId);
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
    networkofferingavailability: "Optional",
    issystem: false,
    state: network.state ?? "Setup",
    related: network.id,
    broadcasturi: "vlan://untagged",
    ...(network.cidr === "" ? {} : { dns1: network.gateway }),
    type: offering.guestIpType,
    vlan: "untagged",
    ...(offering.guestIpType === "Shared"
      ? { acltype: "Domain", subdomainaccess: true }
      : { acltype: "Account" }),
    ...ownerFields(cloud, network.accountId),
    service: servicesOf(offering).map((service) => ({ capability: [], ...service })),
    networkdomain: network.domain,
    restartrequired: false,
    specifyvlan: offering.guestIpType === "Shared",
    specifyipranges: offering.guestIpType === "Shared",
    canusefordeploy: true,
    ispersistent: false,
    tags: tagViews(cloud, network.id),
    displaynetwork: true,
    strechedl2subnet: false,
    redundantrouter: false,
    created: network.created,
    egressdefaultpolicy: network.egress,
    hasannotations: false,
  };
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
    availability: offering.guestIpType === "Isolated" ? "Required" : "Optional",
    networkrate: 200,
    state: "Enabled",
    guestiptype: offering.guestIpType,
    serviceofferingid: fixedId(cloud, "router-offering"),
    service: servicesOf(offering),
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
