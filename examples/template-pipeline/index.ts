/**
 * From an instance to a template that a partner may use, and an instance that was started from it. The instance is
 * stopped for the capture as soon as it runs: whatever is to be done in it first goes in between, as resources that the
 * template depends on.
 */
import * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const zone = await cloudstack.getZone({ name: config.require("zone") });
const [offering, base, network, osType] = await Promise.all([
  cloudstack.getServiceOffering({ name: config.require("serviceOffering"), zoneId: zone.id }),
  cloudstack.getTemplate({ name: config.require("template"), zoneId: zone.id }),
  cloudstack.getNetwork({ name: config.get("network") ?? "lab-network", zoneId: zone.id }),
  cloudstack.getOsType({ description: config.require("osType") }),
]);
const place = { zoneId: zone.id, serviceOfferingId: offering.id, networkIds: [network.id] };

const build = new cloudstack.Instance("build", { ...place, templateId: base.id });
const template = new cloudstack.Template("appliance", {
  instanceId: build.id,
  displayText: "Our appliance",
  osTypeId: osType.id,
  extractable: true,
  tags: { built: "by-pulumi" },
});
const shared = new cloudstack.TemplatePermissions("partner", {
  templateId: template.id,
  accounts: [config.require("partner")],
});
const clone = new cloudstack.Instance("clone", { ...place, templateId: template.id });

export const templateId = template.id;
export const sharedWith = shared.accounts;
export const address = clone.ipAddress;
