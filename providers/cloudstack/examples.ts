/**
 * An example for each resource's documentation. One test compiles them all against the SDK, another one runs them in the
 * lab, so that none can go stale unseen.
 */
import type { AnyResource } from "../rpc/index.ts";
import type { CloudStack } from "./client/client.ts";

/** By the resource's name; `cloudstack` is imported in each of them. */
export const examples: Readonly<Record<string, string>> = {
  AffinityGroup: `
const apart = new cloudstack.AffinityGroup("apart", { type: "host anti-affinity" });
`,
  EgressFirewallRule: `
const offering = await cloudstack.getNetworkOffering({
    name: "DefaultIsolatedNetworkOfferingWithSourceNatService",
});
const zone = await cloudstack.getZone({ name: "zone1" });
const network = new cloudstack.Network("build", { zoneId: zone.id, networkOfferingId: offering.id });
const https = new cloudstack.EgressFirewallRule("https", {
    networkId: network.id,
    protocol: "tcp",
    startPort: 443,
});
`,
  FirewallRule: `
const zone = await cloudstack.getZone({ name: "zone1" });
const network = await cloudstack.getNetwork({ name: "build", zoneId: zone.id });
const address = new cloudstack.PublicIpAddress("entrance", { networkId: network.id });
const ssh = new cloudstack.FirewallRule("ssh", {
    ipAddressId: address.id,
    protocol: "tcp",
    startPort: 22,
    cidrs: ["203.0.113.0/24"],
});
`,
  Instance: `
const zone = await cloudstack.getZone({ name: "zone1" });
const offering = await cloudstack.getServiceOffering({ name: "4 vCPU, 8 GiB", zoneId: zone.id });
const network = await cloudstack.getNetwork({ name: "build", zoneId: zone.id });
const base = await cloudstack.getTemplate({ name: "Ubuntu 24.04 LTS", zoneId: zone.id });
const instance = new cloudstack.Instance(
    "web",
    {
        zoneId: zone.id,
        serviceOfferingId: offering.id,
        templateId: base.id,
        networkIds: [network.id],
        rootDiskSize: 40,
        userData: "#cloud-config\\npackages: [nginx]\\n",
        tags: { stage: "test" },
    },
    { customTimeouts: { create: "20m" } },
);
export const address = instance.ipAddress;
`,
  InstanceSnapshot: `
const instance = await cloudstack.getInstance({ name: "web" });
const before = new cloudstack.InstanceSnapshot("before-update", { instanceId: instance.id });
`,
  Network: `
const zone = await cloudstack.getZone({ name: "zone1" });
const offering = await cloudstack.getNetworkOffering({
    name: "DefaultIsolatedNetworkOfferingWithSourceNatService",
});
const network = new cloudstack.Network("build", {
    zoneId: zone.id,
    networkOfferingId: offering.id,
    gateway: "10.20.0.1",
    netmask: "255.255.255.0",
});
`,
  PortForwardingRule: `
const zone = await cloudstack.getZone({ name: "zone1" });
const network = await cloudstack.getNetwork({ name: "build", zoneId: zone.id });
const instance = await cloudstack.getInstance({ name: "web" });
const address = new cloudstack.PublicIpAddress("entrance", { networkId: network.id });
const ssh = new cloudstack.PortForwardingRule("ssh", {
    ipAddressId: address.id,
    protocol: "tcp",
    publicPort: 2222,
    privatePort: 22,
    instanceId: instance.id,
});
`,
  PublicIpAddress: `
const zone = await cloudstack.getZone({ name: "zone1" });
const network = await cloudstack.getNetwork({ name: "build", zoneId: zone.id });
const address = new cloudstack.PublicIpAddress("entrance", { networkId: network.id });
`,
  RegisteredTemplate: `
const zone = await cloudstack.getZone({ name: "zone1" });
const osType = await cloudstack.getOsType({ description: "Debian GNU/Linux 12 (64-bit)" });
const debian = new cloudstack.RegisteredTemplate("debian", {
    url: "https://images.example.org/debian-12-genericcloud-amd64.qcow2",
    format: "QCOW2",
    checksum: "{SHA-256}e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    displayText: "Debian 12",
    osTypeId: osType.id,
    zoneIds: [zone.id],
});
`,
  SecurityGroup: `
const web = new cloudstack.SecurityGroup("web", {
    ingress: [
        { protocol: "tcp", startPort: 443, cidrs: ["0.0.0.0/0"] },
        { protocol: "icmp", cidrs: ["10.0.0.0/8"] },
    ],
});
`,
  SshKeyPair: `
const registered = new cloudstack.SshKeyPair("mine", {
    publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG5JF1CQ6qGwKY1tScki0HS7IL8q7f42pMRqqVzXlDDm me",
});
const made = new cloudstack.SshKeyPair("made", {});
export const privateKey = made.privateKey;
`,
  StaticNat: `
const zone = await cloudstack.getZone({ name: "zone1" });
const network = await cloudstack.getNetwork({ name: "build", zoneId: zone.id });
const instance = await cloudstack.getInstance({ name: "web" });
const address = new cloudstack.PublicIpAddress("entrance", { networkId: network.id });
const nat = new cloudstack.StaticNat("web", { ipAddressId: address.id, instanceId: instance.id });
`,
  Template: `
const instance = await cloudstack.getInstance({ name: "build" });
const osType = await cloudstack.getOsType({ description: "Ubuntu 24.04 LTS" });
const template = new cloudstack.Template(
    "appliance",
    {
        instanceId: instance.id,
        displayText: "Our appliance, version 7",
        osTypeId: osType.id,
        tags: { version: "7" },
    },
    { customTimeouts: { create: "1h" } },
);
`,
  TemplateCopy: `
const [here, there] = await Promise.all([
    cloudstack.getZone({ name: "zone1" }),
    cloudstack.getZone({ name: "zone2" }),
]);
const template = await cloudstack.getTemplate({ name: "appliance", zoneId: here.id });
const copies = new cloudstack.TemplateCopy("everywhere", {
    templateId: template.id,
    sourceZoneId: here.id,
    zoneIds: [there.id],
});
`,
  TemplateExtract: `
const zone = await cloudstack.getZone({ name: "zone1" });
const template = await cloudstack.getTemplate({ name: "appliance", zoneId: zone.id });
const image = new cloudstack.TemplateExtract("image", { templateId: template.id, zoneId: zone.id });
export const url = image.url;
`,
  TemplatePermissions: `
const zone = await cloudstack.getZone({ name: "zone1" });
const template = await cloudstack.getTemplate({ name: "appliance", zoneId: zone.id });
const shared = new cloudstack.TemplatePermissions("partners", {
    templateId: template.id,
    accounts: ["partner"],
});
`,
  UserData: `
const motd = new cloudstack.UserData("motd", {
    content: "#cloud-config\\nwrite_files: [{ path: /etc/motd, content: Welcome }]\\n",
});
`,
  Volume: `
const zone = await cloudstack.getZone({ name: "zone1" });
const offering = await cloudstack.getDiskOffering({ name: "Custom" });
const data = new cloudstack.Volume("data", {
    zoneId: zone.id,
    diskOfferingId: offering.id,
    size: 100,
});
`,
  VolumeAttachment: `
const zone = await cloudstack.getZone({ name: "zone1" });
const offering = await cloudstack.getDiskOffering({ name: "20 GiB" });
const instance = await cloudstack.getInstance({ name: "web" });
const data = new cloudstack.Volume("data", { zoneId: zone.id, diskOfferingId: offering.id });
const attached = new cloudstack.VolumeAttachment("data", { volumeId: data.id, instanceId: instance.id });
`,
  VolumeSnapshot: `
// It is stopped: of a running one only where the cloud's kvm.snapshot.enabled says so.
const instance = await cloudstack.getInstance({ name: "build" });
const backup = new cloudstack.VolumeSnapshot("backup", { volumeId: instance.rootVolumeId });
`,
};

/** What `pulumi import` is told, where that is not the object's own id; undefined where nothing can be imported. */
const importIds: Readonly<Record<string, string | undefined>> = {
  SshKeyPair: "KEY-PAIR-NAME",
  StaticNat: "ADDRESS-ID",
  TemplateCopy: "TEMPLATE-ID/SOURCE-ZONE-ID/ZONE-ID,ZONE-ID",
  TemplateExtract: undefined,
  TemplatePermissions: "TEMPLATE-ID",
  VolumeAttachment: "VOLUME-ID",
};

function importOf(token: string, name: string): string {
  const id = name in importIds ? importIds[name] : "ID";
  return id === undefined ? "" : `\n\n## Import\n\n\`\`\`sh\npulumi import ${token} NAME ${id}\n\`\`\``;
}

/** @throws when a resource has no example */
export function withExamples(
  resources: readonly AnyResource<CloudStack>[],
): readonly AnyResource<CloudStack>[] {
  return resources.map((resource) => {
    const name = resource.token.split(":").at(-1) ?? "";
    const example = examples[name];
    if (example === undefined) throw new Error(`${resource.token} has no example`);
    const usage = `## Example Usage\n\n\`\`\`typescript\nimport * as cloudstack from "@pulumi/cloudstack";\n${example}\`\`\``;
    const description = `${resource.schema.description ?? ""}\n\n${usage}${importOf(resource.token, name)}`;
    return { ...resource, schema: { ...resource.schema, description } };
  });
}
