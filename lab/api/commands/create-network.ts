import { cidrOf, holdsNetwork, isWithin, netmaskOf } from "../../cloud/addresses.ts";
import { invalidValue } from "../../cloud/failure.ts";
import { refuseBeyondLimit } from "../../cloud/limits.ts";
import type { Network, NetworkOffering } from "../../cloud/model.ts";
import { apiTime } from "../../cloud/time.ts";
import { isolatedCidr } from "../../cloud/world.ts";
import { command } from "../command.ts";
import { networkDomain } from "../network-domain.ts";
import { ownerParams } from "../owners.ts";
import { flag, integer, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported } from "../unsupported.ts";
import { networkView } from "../views/network.ts";

/** The lab's own network has it on the host's side of things. */
const reserved = "10.213.0.0/20";

export const createNetwork = command({
  name: "createNetwork",
  description: "Creates a network",
  event: { type: "NETWORK.CREATE", doing: "creating network" },
  params: {
    name: text("its name; several may have one").required(),
    networkofferingid: uuid("networkOfferings", "its offering").required(),
    zoneid: uuid("zones", "the zone").required(),
    displaytext: text("name for people"),
    gateway: text("the router's address"),
    netmask: text("with gateway"),
    startip: withoutEffect(text("first address for guests")),
    endip: withoutEffect(text("last address for guests")),
    networkdomain: networkDomain(),
    acltype: withoutEffect(text("Account or Domain")),
    displaynetwork: withoutEffect(flag("shown to the user")),
    subdomainaccess: withoutEffect(flag("for subdomains as well")),
    vpcid: unsupported("VPC tiers"),
    vlan: unsupported("a chosen VLAN"),
    physicalnetworkid: unsupported("physical networks"),
    ip6cidr: unsupported("IPv6"),
    ip6gateway: unsupported("IPv6"),
    sourcenatipaddress: unsupported("a chosen source NAT address"),
    cidrsize: withoutEffect(integer("routed networks")),
    privatemtu: withoutEffect(integer("MTU of the guests' side")),
    publicmtu: withoutEffect(integer("MTU of the public side")),
    dns1: unsupported("other name servers than the router"),
    dns2: unsupported("other name servers than the router"),
    ip6dns1: unsupported("IPv6"),
    ip6dns2: unsupported("IPv6"),
    startipv6: unsupported("IPv6"),
    endipv6: unsupported("IPv6"),
    isolatedpvlan: unsupported("private VLANs"),
    isolatedpvlantype: unsupported("private VLANs"),
    aclid: unsupported("VPC tiers"),
    associatednetworkid: unsupported("networks that belong to another one"),
    asnumber: unsupported("routed networks"),
    tungstenvirtualrouteruuid: unsupported("Tungsten"),
    externalid: withoutEffect(text("its id in another system")),
    ...ownerParams,
  },
  response: { id: "string", name: "string", state: "string", cidr: "string" },
  run({ values, account }, cloud) {
    refuseBeyondLimit(cloud, account, "network");
    const { store } = cloud;
    const offering = rowOf(cloud, "networkOfferings", values.networkofferingid);
    rowOf(cloud, "zones", values.zoneid);
    const network: Network = {
      id: store.newId("networks"),
      number: store.nextNumber("networks"),
      name: values.name,
      state: "Allocated",
      displayText: values.displaytext ?? values.name,
      zoneId: values.zoneid,
      networkOfferingId: offering.id,
      accountId: account.id,
      ...addressing(offering, values.gateway, values.netmask),
      domain: values.networkdomain || `cs${account.number.toString(16)}cloud.internal`,
      egress: offering.egressDefault,
      created: apiTime(),
    };
    store.transaction(() => store.put("networks", network));
    return { network: networkView(cloud, network) };
  },
});

function addressing(
  { guestIpType }: NetworkOffering,
  gateway: string | undefined,
  netmask: string | undefined,
): Pick<Network, "cidr" | "gateway" | "netmask"> {
  if (guestIpType === "L2") return { cidr: "", gateway: "", netmask: "" };
  if ((gateway === undefined) !== (netmask === undefined)) {
    throw invalidValue("gateway and netmask must be passed in together");
  }
  if (gateway === undefined || netmask === undefined) {
    if (guestIpType === "Shared") {
      throw invalidValue("StartIp/endIp/gateway/netmask are required when create network of type Shared");
    }
    return { cidr: isolatedCidr, gateway: "10.1.1.1", netmask: netmaskOf(isolatedCidr) };
  }
  const cidr = cidrOf(gateway, netmask);
  if (cidr === undefined) throw invalidValue("Invalid gateway or netmask");
  if (holdsNetwork(cidr, reserved) || isWithin(reserved, gateway)) {
    throw invalidValue(`the lab's own network has ${reserved}: choose another one than ${cidr}`);
  }
  return { cidr, gateway, netmask };
}
