/** The life of every resource as a table: what a program gives, what comes of it, and how others see it. */
import { expect } from "vitest";
import type { Fields, Json } from "../../lab/support/client.ts";
import type { Wire } from "../support/engine.ts";
import type { World } from "./world.ts";

export interface Line {
  /** As a program gives them. */
  inputs(world: World): Wire;
  /** What the outputs hold besides the inputs. */
  outputs: Wire;
  /** Inputs that move in place; left out where all of them replace. */
  inPlace?(world: World, prefix: string): Wire;
  /** One that replaces, and its name. */
  replacing(world: World): [string, Wire];
  /** Wrong inputs, and the properties that are blamed. */
  wrong: [Wire, string[]][];
  /** How somebody else changes it, and the input that shows it. */
  outside?: { change(id: string, world: World): [command: string, fields: Fields][]; moves: string };
  /** How others see and remove it. */
  list: string;
  remove: string;
  removeBy?: string;
  removeWith?: Record<string, unknown>;
  /** What this endpoint must have for it; what is told where it has not. */
  needs?(world: World): string | undefined;
  /** Of a borrowed one: others see a row more. */
  addsRow?: boolean;
  /** What was cut off may be torn, and is made anew. */
  madeAnew?: boolean;
  /** Nobody else can take it away as a whole. */
  staysSeen?: boolean;
  /** It is a property of another object, and has no id of its own: whether a row of that has it. */
  borrowed?(row: Json, world: World): boolean;
}

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG5JF1CQ6qGwKY1tScki0HS7IL8q7f42pMRqqVzXlDDm test";
const networks = ["203.0.113.0/24", "198.51.100.7/32"];
const tags = { team: "migration" };
const place = { zoneId: "z", templateId: "t", serviceOfferingId: "s", networkIds: ["n"] };
const vmware = { hypervisor: "VMware" };

const madeName = expect.stringMatching(/^ossea-test-.*-thing-/u);
const ipv4 = expect.stringMatching(/^(\d+\.){3}\d+$/u);

function formatOf(url: string | undefined): string {
  return url?.includes(".raw") ? "RAW" : "QCOW2";
}

/** Somebody else's tag on it. */
const tagged = (resourcetype: string): NonNullable<Line["outside"]> => ({
  change: (id) => [
    ["createTags", { resourcetype, resourceids: id, "tags[0].key": "theirs", "tags[0].value": "1" }],
  ],
  moves: "tags",
});

export const table: Readonly<Record<string, Line>> = {
  AffinityGroup: {
    inputs: () => ({ type: "host anti-affinity", description: "apart" }),
    outputs: { name: madeName },
    replacing: () => ["type", { type: "host affinity" }],
    wrong: [
      [{ type: "" }, ["type"]],
      [{}, ["type"]],
    ],
    list: "listAffinityGroups",
    remove: "deleteAffinityGroup",
  },
  EgressFirewallRule: {
    inputs: ({ networkId }) => ({
      networkId,
      protocol: "TCP",
      startPort: 443,
      destinationCidrs: networks,
      tags,
    }),
    outputs: { protocol: "tcp", endPort: 443 },
    inPlace: () => ({ tags: { team: "other" } }),
    outside: tagged("FirewallRule"),
    replacing: () => ["startPort", { startPort: 80, endPort: 80 }],
    wrong: [
      [{ networkId: "n", protocol: "sctp" }, ["protocol"]],
      [{ networkId: "n", protocol: "all", startPort: 1 }, ["startPort"]],
      [{ networkId: "n", protocol: "tcp", startPort: 9, endPort: 8 }, ["endPort"]],
      [
        { networkId: "n", protocol: "tcp", destinationCidrs: ["10.0.0.0/8", "300.0.0.0/8", "x"] },
        ["destinationCidrs[1]", "destinationCidrs[2]"],
      ],
    ],
    list: "listEgressFirewallRules",
    remove: "deleteEgressFirewallRule",
  },
  FirewallRule: {
    inputs: ({ addressId }) => ({
      ipAddressId: addressId,
      protocol: "tcp",
      startPort: 22,
      cidrs: networks,
      tags,
    }),
    outputs: { endPort: 22, networkId: expect.any(String) },
    inPlace: () => ({ tags: { team: "other", more: "1" } }),
    outside: tagged("FirewallRule"),
    replacing: () => ["cidrs", { cidrs: ["203.0.113.0/24"] }],
    wrong: [
      [{ ipAddressId: "a", protocol: "tcp" }, ["cidrs"]],
      [{ ipAddressId: "a", protocol: "tcp", cidrs: [] }, ["cidrs"]],
      [{ ipAddressId: "a", protocol: "icmp", startPort: 1, cidrs: networks }, ["startPort"]],
      [{ ipAddressId: "a", protocol: "tcp", startPort: 70000, cidrs: networks }, ["startPort"]],
    ],
    list: "listFirewallRules",
    remove: "deleteFirewallRule",
  },
  Instance: {
    inputs: ({ zoneId, templateId, serviceOfferingId, networkId }) => ({
      zoneId,
      templateId,
      serviceOfferingId,
      networkIds: [networkId],
      displayName: "an instance",
      tags,
    }),
    outputs: { name: madeName, ipAddress: ipv4, actualState: "Running" },
    inPlace: () => ({ displayName: "the instance", tags: {} }),
    outside: {
      change: (id) => [["updateVirtualMachine", { id, displayname: "theirs" }]],
      moves: "displayName",
    },
    replacing: () => ["zoneId", { zoneId: "another" }],
    wrong: [
      [{ zoneId: "z", templateId: "t" }, ["serviceOfferingId", "networkIds"]],
      [{ ...place, rootDiskSize: 0 }, ["rootDiskSize"]],
      [{ ...place, name: "a b" }, ["name"]],
      [
        { ...place, networkIds: ["n", ""], tags: { a: "", "pulumi:key": "b" }, details: { a: 1 } },
        ["networkIds[1]", "tags.a", 'tags["pulumi:key"]', "details.a"],
      ],
    ],
    list: "listVirtualMachines",
    remove: "destroyVirtualMachine",
    removeWith: { expunge: true },
  },
  Network: {
    inputs: ({ zoneId, isolated }) => ({
      zoneId,
      networkOfferingId: isolated,
      displayText: "For builds",
      tags,
    }),
    outputs: { cidr: expect.stringContaining("/"), type: "Isolated", egressAllowed: expect.any(Boolean) },
    inPlace: ({ otherOffering }, prefix) => ({
      name: `${prefix}-renamed`,
      displayText: "For all",
      ...(otherOffering !== undefined && { networkOfferingId: otherOffering }),
      tags: {},
    }),
    outside: { change: (id) => [["updateNetwork", { id, displaytext: "theirs" }]], moves: "displayText" },
    replacing: () => ["gateway", { gateway: "10.9.0.1", netmask: "255.255.0.0" }],
    wrong: [
      [{ zoneId: "z", networkOfferingId: "o", gateway: "10.1.1.1" }, ["netmask"]],
      [{ zoneId: "z", networkOfferingId: "o", gateway: "10.1.1.999", netmask: "255.255.255.0" }, ["gateway"]],
      [
        {
          zoneId: "z",
          networkOfferingId: "o",
          gateway: "10.1.1.1",
          netmask: "255.0.255.0",
          endIp: "10.1.1.9",
        },
        ["netmask", "startIp"],
      ],
      [{}, ["zoneId", "networkOfferingId"]],
    ],
    list: "listNetworks",
    remove: "deleteNetwork",
  },
  PortForwardingRule: {
    inputs: ({ addressId, instanceId }) => ({
      ipAddressId: addressId,
      protocol: "tcp",
      publicPort: 2200,
      publicEndPort: 2203,
      privatePort: 22,
      instanceId,
      tags,
    }),
    outputs: { privateEndPort: 25, guestIpAddress: ipv4 },
    inPlace: () => ({ tags: { team: "other" } }),
    outside: tagged("PortForwardingRule"),
    replacing: ({ otherInstanceId }) => ["instanceId", { instanceId: otherInstanceId }],
    wrong: [
      [
        {
          ipAddressId: "a",
          protocol: "tcp",
          publicPort: 1,
          publicEndPort: 3,
          privatePort: 1,
          privateEndPort: 2,
          instanceId: "i",
        },
        ["privateEndPort"],
      ],
      [
        { ipAddressId: "a", protocol: "icmp", publicPort: 1, privatePort: 0, instanceId: "i" },
        ["protocol", "privatePort"],
      ],
    ],
    list: "listPortForwardingRules",
    remove: "deletePortForwardingRule",
  },
  PublicIpAddress: {
    inputs: ({ networkId }) => ({ networkId, tags }),
    outputs: { ipAddress: ipv4, sourceNat: false },
    inPlace: () => ({ tags: { team: "other" } }),
    outside: tagged("PublicIpAddress"),
    replacing: () => ["networkId", { networkId: "another" }],
    wrong: [
      [{}, ["networkId"]],
      [{ networkId: "n", vpcId: "v" }, ["vpcId"]],
      [{ networkId: "n", ipAddress: "10.1.1" }, ["ipAddress"]],
    ],
    list: "listPublicIpAddresses",
    remove: "disassociateIpAddress",
  },
  InstanceSnapshot: {
    inputs: ({ instanceId }) => ({ instanceId, description: "before the update", memory: true, tags }),
    outputs: { name: madeName, created: expect.any(String) },
    inPlace: () => ({ tags: { team: "other" } }),
    outside: tagged("VMSnapshot"),
    replacing: ({ otherInstanceId }) => ["instanceId", { instanceId: otherInstanceId }],
    wrong: [
      [{}, ["instanceId"]],
      [{ instanceId: "i", memory: "much" }, ["memory"]],
    ],
    list: "listVMSnapshot",
    remove: "deleteVMSnapshot",
    removeBy: "vmsnapshotid",
  },
  SecurityGroup: {
    inputs: () => ({
      description: "the web",
      ingress: [
        { protocol: "tcp", startPort: 80, endPort: 80, cidrs: networks },
        { protocol: "icmp", cidrs: ["10.0.0.0/8"] },
      ],
      egress: [{ protocol: "all", cidrs: ["0.0.0.0/0"] }],
      tags,
    }),
    outputs: { name: madeName },
    inPlace: () => ({
      ingress: [{ protocol: "tcp", startPort: 443, cidrs: ["203.0.113.0/24"] }],
      egress: [],
      tags: { team: "other" },
    }),
    outside: {
      change: (id) => [
        [
          "authorizeSecurityGroupIngress",
          { securitygroupid: id, protocol: "udp", startport: 53, endport: 53, cidrlist: "0.0.0.0/0" },
        ],
      ],
      moves: "ingress",
    },
    replacing: () => ["description", { description: "another web" }],
    wrong: [
      [
        { ingress: [{ protocol: "tcp", cidrs: ["anywhere", "2001:db8::/129"] }] },
        ["ingress[0].cidrs[0]", "ingress[0].cidrs[1]"],
      ],
      [{ ingress: [{ protocol: "tcp", cidrs: networks }, {}] }, ["ingress[1].protocol", "ingress[1].cidrs"]],
      [{ ingress: [{ protocol: "icmp", startPort: 1, cidrs: networks }] }, ["ingress[0].startPort"]],
      [{ egress: "none" }, ["egress"]],
    ],
    list: "listSecurityGroups",
    remove: "deleteSecurityGroup",
  },
  SshKeyPair: {
    inputs: () => ({ publicKey: key }),
    outputs: {
      name: madeName,
      fingerprint: expect.stringMatching(/^([0-9a-f]{2}:){15}/u),
    },
    replacing: () => ["name", { name: "another" }],
    wrong: [
      [{ publicKey: "ssh-ed25519" }, ["publicKey"]],
      [{ name: "" }, ["name"]],
    ],
    list: "listSSHKeyPairs",
    remove: "deleteSSHKeyPair",
    removeBy: "name",
  },
  StaticNat: {
    inputs: ({ otherAddressId, instanceId }) => ({ ipAddressId: otherAddressId, instanceId }),
    outputs: {
      ipAddress: ipv4,
      guestIpAddress: ipv4,
    },
    outside: {
      change: (id, { otherInstanceId }) => [
        ["disableStaticNat", { ipaddressid: id }],
        ["enableStaticNat", { ipaddressid: id, virtualmachineid: otherInstanceId }],
      ],
      moves: "instanceId",
    },
    replacing: ({ otherInstanceId }) => ["instanceId", { instanceId: otherInstanceId }],
    wrong: [
      [{ ipAddressId: "", instanceId: "i" }, ["ipAddressId"]],
      [{}, ["ipAddressId", "instanceId"]],
    ],
    list: "listPublicIpAddresses",
    remove: "disableStaticNat",
    removeBy: "ipaddressid",
    borrowed: ({ id, isstaticnat }, { otherAddressId }) => id === otherAddressId && isstaticnat,
  },
  Volume: {
    inputs: ({ zoneId, diskOfferingId }) => ({ zoneId, diskOfferingId, size: 10, tags }),
    outputs: { name: madeName, size: 10 },
    inPlace: () => ({ size: 20, tags: { team: "other" } }),
    outside: tagged("Volume"),
    replacing: () => ["name", { name: "another" }],
    wrong: [
      [{}, ["zoneId", "diskOfferingId"]],
      [{ zoneId: "z", diskOfferingId: "d", size: 0 }, ["size"]],
    ],
    list: "listVolumes",
    remove: "deleteVolume",
  },
  VolumeAttachment: {
    inputs: ({ instanceId, volumeId }) => ({ instanceId, volumeId }),
    outputs: { deviceId: 1 },
    replacing: ({ otherInstanceId }) => ["instanceId", { instanceId: otherInstanceId }],
    wrong: [
      [{}, ["instanceId", "volumeId"]],
      [{ instanceId: "i", volumeId: "v", deviceId: 0 }, ["deviceId"]],
    ],
    list: "listVolumes",
    remove: "detachVolume",
    borrowed: ({ id, virtualmachineid }, { volumeId }) => id === volumeId && virtualmachineid !== undefined,
  },
  VolumeSnapshot: {
    inputs: ({ rootVolumeId }) => ({ volumeId: rootVolumeId, tags }),
    outputs: { name: madeName, created: expect.any(String) },
    inPlace: () => ({ tags: { team: "other" } }),
    outside: tagged("Snapshot"),
    replacing: () => ["volumeId", { volumeId: "another" }],
    wrong: [[{}, ["volumeId"]]],
    list: "listSnapshots",
    remove: "deleteSnapshot",
  },
  RegisteredTemplate: {
    needs: ({ imageUrl }) => (imageUrl === undefined ? "CLOUDSTACK_TEST_TEMPLATE_URL is not set" : undefined),
    inputs: ({ zoneId, osTypeId, imageUrl }) => ({
      url: imageUrl,
      format: formatOf(imageUrl),
      displayText: "from a URL",
      osTypeId,
      public: false,
      zoneIds: [zoneId],
      tags,
    }),
    outputs: { name: madeName, ready: true, size: expect.any(Number) },
    inPlace: () => ({
      displayText: "renamed",
      extractable: true,
      details: { rootDiskController: "virtio" },
      tags: {},
    }),
    outside: { change: (id) => [["updateTemplatePermissions", { id, ispublic: true }]], moves: "public" },
    replacing: () => ["url", { url: "https://images.example.org/other.raw" }],
    wrong: [
      [{ url: "ftp://a/b.raw", format: "RAW", displayText: "t", osTypeId: "o" }, ["url"]],
      [{ url: "http://a/b.raw", format: "PNG", displayText: "t", osTypeId: "o" }, ["format"]],
      [{ url: "http://a/b.raw", format: "RAW", displayText: "t" }, ["osTypeId"]],
      [
        { url: "http://a/b.raw", format: "RAW", displayText: "t", osTypeId: "o", checksum: "x" },
        ["checksum"],
      ],
      [{ url: "http://a/b.qcow2?c=.raw", format: "RAW", displayText: "t", osTypeId: "o" }, ["url"]],
      [
        { url: "http://a/b.ova", format: "OVA", displayText: "t", deployAsIs: true, hypervisor: "KVM" },
        ["deployAsIs"],
      ],
      [
        {
          url: "http://a/b.ova.bz2",
          format: "OVA",
          displayText: "t",
          osTypeId: "o",
          ...vmware,
          directDownload: true,
        },
        ["directDownload"],
      ],
      [{}, ["url", "format", "displayText", "osTypeId"]],
    ],
    list: "listTemplates",
    remove: "deleteTemplate",
  },
  Template: {
    inputs: ({ stoppedInstanceId, osTypeId }) => ({
      instanceId: stoppedInstanceId,
      displayText: "captured",
      osTypeId,
      sshKeyEnabled: true,
      tags,
    }),
    outputs: { name: madeName, ready: true, size: expect.any(Number) },
    inPlace: () => ({ displayText: "renamed", extractable: true, details: { a: "b" }, tags: {} }),
    outside: { change: (id) => [["updateTemplate", { id, displaytext: "theirs" }]], moves: "displayText" },
    replacing: ({ instanceId }) => ["instanceId", { instanceId }],
    wrong: [
      [{ displayText: "t", osTypeId: "o" }, ["instanceId"]],
      [{ instanceId: "i", volumeId: "v", displayText: "t", osTypeId: "o" }, ["volumeId"]],
      [{ instanceId: "i" }, ["displayText", "osTypeId"]],
    ],
    list: "listTemplates",
    remove: "deleteTemplate",
    madeAnew: true,
  },
  TemplateCopy: {
    needs: ({ otherZoneId }) => (otherZoneId === undefined ? "there is one zone only" : undefined),
    inputs: ({ templateId, zoneId, otherZoneId }) => ({
      templateId,
      sourceZoneId: zoneId,
      zoneIds: [otherZoneId],
    }),
    outputs: {},
    replacing: () => ["templateId", { templateId: "another" }],
    wrong: [
      [{ templateId: "t", sourceZoneId: "a", zoneIds: [] }, ["zoneIds"]],
      [{ templateId: "t", sourceZoneId: "a", zoneIds: ["a", "b"] }, ["zoneIds[0]"]],
      [{}, ["templateId", "sourceZoneId", "zoneIds"]],
    ],
    list: "listTemplates",
    remove: "deleteTemplate",
    removeBy: "id",
    removeWith: { zoneid: "" },
    borrowed: ({ id, zoneid }, { templateId, otherZoneId }) => id === templateId && zoneid === otherZoneId,
    addsRow: true,
  },
  TemplatePermissions: {
    inputs: ({ templateId }) => ({ templateId, extractable: true }),
    outputs: {},
    inPlace: () => ({ extractable: false, featured: true }),
    outside: {
      change: (id) => [["updateTemplatePermissions", { id, isextractable: false }]],
      moves: "extractable",
    },
    replacing: () => ["templateId", { templateId: "another" }],
    wrong: [
      [{ templateId: "t" }, ["accounts"]],
      [{ accounts: ["a", "a,b"] }, ["templateId", "accounts[1]"]],
    ],
    list: "listTemplates",
    remove: "updateTemplatePermissions",
    removeBy: "id",
    removeWith: { op: "reset", isextractable: false },
    borrowed: ({ id, isextractable, isfeatured }, { templateId }) =>
      id === templateId && (isextractable || isfeatured),
    staysSeen: true,
  },
  UserData: {
    inputs: () => ({ content: "#cloud-config\nhostname: $name\n", params: ["name"] }),
    outputs: { name: madeName },
    replacing: () => ["content", { content: "#cloud-config\n" }],
    wrong: [
      [{ content: "x".repeat(30_000) }, ["content"]],
      [{ content: "" }, ["content"]],
      [{}, ["content"]],
    ],
    list: "listUserData",
    remove: "deleteUserData",
  },
};

const creators: Record<string, string> = {
  Instance: "deployVirtualMachine",
  InstanceSnapshot: "createVMSnapshot",
  RegisteredTemplate: "registerTemplate",
  TemplateCopy: "copyTemplate",
  TemplatePermissions: "updateTemplatePermissions",
  VolumeAttachment: "attachVolume",
  VolumeSnapshot: "createSnapshot",
  PublicIpAddress: "associateIpAddress",
  SshKeyPair: "registerSSHKeyPair",
  StaticNat: "enableStaticNat",
  UserData: "registerUserData",
};

export function creatorOf(name: string): string {
  return creators[name] ?? `create${name}`;
}

/** Those that are made by a job. */
export const madeByJob: ReadonlySet<string> = new Set([
  "Instance",
  "Template",
  "TemplateCopy",
  "InstanceSnapshot",
  "Volume",
  "VolumeAttachment",
  "VolumeSnapshot",
  "AffinityGroup",
  "EgressFirewallRule",
  "FirewallRule",
  "PortForwardingRule",
  "PublicIpAddress",
]);
