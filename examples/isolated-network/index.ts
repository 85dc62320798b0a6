/** Two instances in a network of their own: they see each other, and outside nothing but HTTPS. */
import * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const zone = await cloudstack.getZone({ name: config.require("zone") });
const [offering, base, networkOffering] = await Promise.all([
  cloudstack.getServiceOffering({ name: config.require("serviceOffering"), zoneId: zone.id }),
  cloudstack.getTemplate({ name: config.require("template"), zoneId: zone.id }),
  cloudstack.getNetworkOffering({ name: "DefaultIsolatedNetworkOfferingWithSourceNatService" }),
]);

const network = new cloudstack.Network("network", {
  zoneId: zone.id,
  networkOfferingId: networkOffering.id,
  gateway: "10.20.0.1",
  netmask: "255.255.255.0",
});
const https = new cloudstack.EgressFirewallRule("https", {
  networkId: network.id,
  protocol: "tcp",
  startPort: 443,
});
const apart = new cloudstack.AffinityGroup("apart", { type: "host anti-affinity" });
const instances = ["one", "two"].map(
  (name) =>
    new cloudstack.Instance(
      name,
      {
        zoneId: zone.id,
        serviceOfferingId: offering.id,
        templateId: base.id,
        networkIds: [network.id],
        affinityGroupIds: [apart.id],
      },
      { dependsOn: https },
    ),
);

export const addresses = instances.map(({ ipAddress }) => ipAddress);
