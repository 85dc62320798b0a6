import type { Cloud } from "../../cloud/cloud.ts";
import type { Network, NetworkOffering } from "../../cloud/model.ts";
import { ownerFields } from "./owner.ts";
import { tagViews } from "./tag.ts";

const provider = [{ name: "VirtualRouter" }];

const services = [
  { name: "Dhcp", provider },
  { name: "Dns", provider },
  { name: "UserData", provider },
  {
    name: "StaticNat",
    provider,
    capability: [
      { name: "ElasticIp", value: "true", canchooseservicecapability: false },
      { name: "AssociatePublicIP", value: "true", canchooseservicecapability: false },
    ],
  },
];

export function networkView(cloud: Cloud, network: Network): Record<string, unknown> {
  const offering = cloud.store.need("networkOfferings", network.networkOfferingId);
  return {
    id: network.id,
    name: network.name,
    displaytext: network.displayText,
    broadcastdomaintype: "Vlan",
    traffictype: "Guest",
    gateway: network.gateway,
    netmask: network.netmask,
    cidr: network.cidr,
    zoneid: cloud.zone.id,
    zonename: cloud.zone.name,
    networkofferingid: offering.id,
    networkofferingname: offering.name,
    networkofferingdisplaytext: offering.displayText,
    networkofferingconservemode: true,
    networkofferingavailability: "Optional",
    issystem: false,
    state: "Setup",
    related: network.id,
    broadcasturi: "vlan://untagged",
    dns1: network.gateway,
    type: offering.guestIpType,
    vlan: "untagged",
    acltype: "Domain",
    subdomainaccess: true,
    ...ownerFields(cloud, network.accountId),
    service: services.map((service) => ({ capability: [], ...service })),
    networkdomain: network.domain,
    restartrequired: false,
    specifyvlan: true,
    specifyipranges: true,
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

export function networkOfferingView(offering: NetworkOffering): Record<string, unknown> {
  return {
    id: offering.id,
    name: offering.name,
    displaytext: offering.displayText,
    created: offering.created,
    traffictype: "Guest",
    isdefault: false,
    specifyvlan: true,
    conservemode: true,
    specifyipranges: true,
    availability: "Optional",
    state: "Enabled",
    guestiptype: offering.guestIpType,
    service: services,
    forvpc: false,
    ispersistent: false,
    egressdefaultpolicy: offering.egressDefault,
    hasannotations: false,
  };
}
