/** A network and an address that exist already: the first update takes them over, and changes nothing of them. */
import * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const zone = await cloudstack.getZone({ name: config.require("zone") });
const networkOffering = await cloudstack.getNetworkOffering({
  name: "DefaultIsolatedNetworkOfferingWithSourceNatService",
});

const network = new cloudstack.Network(
  "network",
  { zoneId: zone.id, networkOfferingId: networkOffering.id },
  { import: config.require("networkId"), retainOnDelete: true },
);
const address = new cloudstack.PublicIpAddress(
  "address",
  { networkId: network.id },
  { import: config.require("addressId"), retainOnDelete: true },
);

export const cidr = network.cidr;
export const ipAddress = address.ipAddress;
