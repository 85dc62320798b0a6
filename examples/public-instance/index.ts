/** An instance in an isolated network, reached by SSH at a public address from the networks that are named. */
import * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const zone = await cloudstack.getZone({ name: config.require("zone") });
const [offering, base, networkOffering] = await Promise.all([
  cloudstack.getServiceOffering({ name: config.require("serviceOffering"), zoneId: zone.id }),
  cloudstack.getTemplate({ name: config.require("template"), zoneId: zone.id }),
  cloudstack.getNetworkOffering({ name: "DefaultIsolatedNetworkOfferingWithSourceNatService" }),
]);

const key = new cloudstack.SshKeyPair("key", {});
const network = new cloudstack.Network("network", { zoneId: zone.id, networkOfferingId: networkOffering.id });
const instance = new cloudstack.Instance("web", {
  zoneId: zone.id,
  serviceOfferingId: offering.id,
  templateId: base.id,
  networkIds: [network.id],
  keyPairs: [key.name],
});

const address = new cloudstack.PublicIpAddress("address", { networkId: network.id });
const forward = new cloudstack.PortForwardingRule("ssh", {
  ipAddressId: address.id,
  protocol: "tcp",
  publicPort: 2222,
  privatePort: 22,
  instanceId: instance.id,
});
const allowed = new cloudstack.FirewallRule("ssh", {
  ipAddressId: address.id,
  protocol: "tcp",
  startPort: 2222,
  cidrs: [config.require("allowedNetwork")],
});

export const host = pulumi.all([forward.id, allowed.id]).apply(() => address.ipAddress);
export const port = forward.publicPort;
export const privateKey = key.privateKey;
