import type { Cloud } from "../../cloud/cloud.ts";
import { fixedId } from "../../cloud/fixed-ids.ts";
import type { Instance, PublicAddress } from "../../cloud/model.ts";
import { ownerFields } from "./owner.ts";
import { tagViews } from "./tag.ts";

export interface AddressView extends Record<string, unknown> {
  id: string;
  ipaddress: string;
  issourcenat: boolean;
  isstaticnat: boolean;
  associatednetworkid: string;
  zoneid: string;
}

export function addressViews(
  cloud: Cloud,
  isVisible: (row: { accountId: string }) => boolean,
): AddressView[] {
  const instances = [...cloud.store.all("instances")].filter(isVisible);
  const addresses = [...cloud.store.all("publicAddresses")].filter(isVisible);
  return [
    ...instances.flatMap((instance) => elasticView(cloud, instance) ?? []),
    ...addresses.map((address) => publicAddressView(cloud, address)),
  ];
}

export function publicAddressView(cloud: Cloud, address: PublicAddress): AddressView {
  const { staticNat } = address;
  const instance = staticNat && cloud.store.get("instances", staticNat.instanceId);
  const rules = [...cloud.store.all("firewallRules"), ...cloud.store.all("portForwardingRules")];
  return {
    ...common(cloud, address.id, address.networkId),
    ipaddress: address.ipAddress,
    allocated: address.created,
    ...ownerFields(cloud, address.accountId),
    issourcenat: address.sourceNat,
    isstaticnat: staticNat !== undefined,
    issystem: false,
    forvirtualnetwork: true,
    hasrules: rules.some(({ addressId }) => addressId === address.id),
    ...(instance && natFields(instance, staticNat?.guestIp)),
  };
}

/** The address of an instance in a network that gives each guest one. */
function elasticView(cloud: Cloud, instance: Instance): AddressView | undefined {
  const { publicIpId, publicIp } = instance;
  if (publicIpId === undefined || publicIp === undefined) return undefined;
  return {
    ...common(cloud, publicIpId, instance.nics[0]?.networkId ?? ""),
    ipaddress: publicIp,
    allocated: instance.created,
    ...ownerFields(cloud, instance.accountId),
    issourcenat: false,
    isstaticnat: true,
    issystem: true,
    forvirtualnetwork: false,
    hasrules: false,
    ...natFields(instance, instance.nics[0]?.ipAddress),
  };
}

function natFields(instance: Instance, guestIp: string | undefined): Record<string, unknown> {
  return {
    virtualmachineid: instance.id,
    virtualmachinetype: "User",
    vmipaddress: guestIp,
    virtualmachinename: instance.name,
    virtualmachinedisplayname: instance.displayName,
  };
}

function common(cloud: Cloud, id: string, networkId: string) {
  const network = cloud.store.need("networks", networkId);
  return {
    id,
    zoneid: network.zoneId,
    zonename: cloud.zoneNamed(network.zoneId).name,
    associatednetworkid: network.id,
    associatednetworkname: network.name,
    // Of the outside, not of the guests.
    networkid: fixedId(cloud, "public-network"),
    vlanid: fixedId(cloud, "public-vlan"),
    vlanname: "vlan://untagged",
    physicalnetworkid: fixedId(cloud, "physical-network"),
    state: "Allocated",
    tags: tagViews(cloud, id),
    isportable: false,
    fordisplay: true,
    forsystemvms: false,
    forprovider: false,
    hasannotations: false,
  };
}
