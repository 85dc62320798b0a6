/** A template that was proved in one zone: copied to another one, and opened to the accounts that are named. */
import * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const [zone, otherZone] = await Promise.all([
  cloudstack.getZone({ name: config.require("zone") }),
  cloudstack.getZone({ name: config.require("otherZone") }),
]);
const template = await cloudstack.getTemplate({
  name: config.require("template"),
  zoneId: zone.id,
  filter: "self",
});

const copy = new cloudstack.TemplateCopy("copy", {
  templateId: template.id,
  sourceZoneId: zone.id,
  zoneIds: [otherZone.id],
});
const permissions = new cloudstack.TemplatePermissions(
  "accounts",
  { templateId: template.id, accounts: config.requireObject<string[]>("accounts") },
  { dependsOn: copy },
);

export const zones = pulumi
  .all([copy.sourceZoneId, copy.zoneIds])
  .apply(([first, others]) => [first, ...others]);
export const accounts = permissions.accounts;
