/**
 * The life of every resource over gRPC, against the lab's endpoint with machines that are rows only: one table, the same
 * questions for each of its lines.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { provider } from "../../providers/cloudstack/provider.ts";
import { fingerprintOf } from "../../providers/cloudstack/resources/ssh-key-pair.ts";
import type { Client, Fields, Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import {
  engineFor,
  failureOf,
  type OwnEngine,
  secret,
  unknownText,
  urnOf,
  type Wire,
} from "./support/engine.ts";

interface World {
  zoneId: string;
  isolated: string;
  otherOffering: string;
  networkId: string;
  addressId: string;
  otherAddressId: string;
  instanceId: string;
  otherInstanceId: string;
  diskOfferingId: string;
  volumeId: string;
  /** Of an instance that is stopped. */
  rootVolumeId: string;
  templateId: string;
  otherZoneId: string;
  osTypeId: string;
}

interface Line {
  /** As a program gives them. */
  inputs(world: World): Wire;
  /** What the outputs hold besides the inputs. */
  outputs: Wire;
  /** Inputs that move in place; left out where all of them replace. */
  inPlace?(world: World): Wire;
  /** One that replaces, and its name. */
  replacing(world: World): [string, Wire];
  /** Wrong inputs, and the properties that are blamed. */
  wrong: [Wire, string[]][];
  /** How others see and remove it. */
  list: string;
  remove: string;
  removeBy?: string;
  removeWith?: Record<string, unknown>;
  /** Of a borrowed one: others see a row more. */
  addsRow?: boolean;
  /** Nobody else can take it away as a whole. */
  staysSeen?: boolean;
  /** It is a property of another object, and has no id of its own: whether a row of that has it. */
  borrowed?(row: Json): boolean;
}

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG5JF1CQ6qGwKY1tScki0HS7IL8q7f42pMRqqVzXlDDm test";
const networks = ["203.0.113.0/24", "198.51.100.7/32"];
const tags = { team: "migration" };
const vmware = { hypervisor: "VMware" };

const table: Record<string, Line> = {
  AffinityGroup: {
    inputs: () => ({ type: "host anti-affinity", description: "apart" }),
    outputs: { name: expect.stringMatching(/^thing-/u) },
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
    replacing: () => ["startPort", { startPort: 80, endPort: 80 }],
    wrong: [
      [{ networkId: "n", protocol: "sctp" }, ["protocol"]],
      [{ networkId: "n", protocol: "all", startPort: 1 }, ["startPort"]],
      [{ networkId: "n", protocol: "tcp", startPort: 9, endPort: 8 }, ["endPort"]],
      [{ networkId: "n", protocol: "tcp", destinationCidrs: ["300.0.0.0/8"] }, ["destinationCidrs"]],
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
  Network: {
    inputs: ({ zoneId, isolated }) => ({
      zoneId,
      networkOfferingId: isolated,
      displayText: "For builds",
      tags,
    }),
    outputs: { cidr: "10.1.1.0/24", type: "Isolated", status: "Allocated", egressAllowed: false },
    inPlace: ({ otherOffering }) => ({
      name: "renamed",
      displayText: "For all",
      networkOfferingId: otherOffering,
      tags: {},
    }),
    replacing: () => ["gateway", { gateway: "10.9.0.1", netmask: "255.255.0.0" }],
    wrong: [
      [{ zoneId: "z", networkOfferingId: "o", gateway: "10.1.1.1" }, ["netmask"]],
      [{ zoneId: "z", networkOfferingId: "o", gateway: "10.1.1.999", netmask: "255.255.255.0" }, ["gateway"]],
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
    outputs: { privateEndPort: 25, guestIpAddress: expect.stringMatching(/^10\.1\.1\./u) },
    inPlace: () => ({ tags: { team: "other" } }),
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
    outputs: { ipAddress: expect.stringMatching(/^127\./u), sourceNat: false },
    inPlace: () => ({ tags: { team: "other" } }),
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
    outputs: { name: expect.stringMatching(/^thing-/u), created: expect.any(String) },
    inPlace: () => ({ tags: { team: "other" } }),
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
    outputs: { name: expect.stringMatching(/^thing-/u) },
    inPlace: () => ({
      ingress: [{ protocol: "tcp", startPort: 443, cidrs: ["203.0.113.0/24"] }],
      egress: [],
      tags: { team: "other" },
    }),
    replacing: () => ["description", { description: "another web" }],
    wrong: [
      [{ ingress: [{ protocol: "tcp", cidrs: ["anywhere"] }] }, ["ingress[0].cidrs"]],
      [{ ingress: [{ protocol: "icmp", startPort: 1, cidrs: networks }] }, ["ingress[0].startPort"]],
      [{ egress: "none" }, ["egress"]],
    ],
    list: "listSecurityGroups",
    remove: "deleteSecurityGroup",
  },
  SshKeyPair: {
    inputs: () => ({ publicKey: key }),
    outputs: {
      name: expect.stringMatching(/^thing-/u),
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
      ipAddress: expect.stringMatching(/^127\./u),
      guestIpAddress: expect.stringMatching(/^10\.1\.1\./u),
    },
    replacing: ({ otherInstanceId }) => ["instanceId", { instanceId: otherInstanceId }],
    wrong: [
      [{ ipAddressId: "", instanceId: "i" }, ["ipAddressId"]],
      [{}, ["ipAddressId", "instanceId"]],
    ],
    list: "listPublicIpAddresses",
    remove: "disableStaticNat",
    removeBy: "ipaddressid",
    borrowed: ({ isstaticnat, issystem }) => isstaticnat && !issystem,
  },
  Volume: {
    inputs: ({ zoneId, diskOfferingId }) => ({ zoneId, diskOfferingId, size: 10, tags }),
    outputs: { name: expect.stringMatching(/^thing-/u), size: 10 },
    inPlace: () => ({ size: 20, tags: { team: "other" } }),
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
    borrowed: ({ type, virtualmachineid }) => type === "DATADISK" && virtualmachineid !== undefined,
  },
  VolumeSnapshot: {
    inputs: ({ rootVolumeId }) => ({ volumeId: rootVolumeId, tags }),
    outputs: { name: expect.stringMatching(/^thing-/u), created: expect.any(String) },
    inPlace: () => ({ tags: { team: "other" } }),
    replacing: () => ["volumeId", { volumeId: "another" }],
    wrong: [[{}, ["volumeId"]]],
    list: "listSnapshots",
    remove: "deleteSnapshot",
  },
  RegisteredTemplate: {
    inputs: ({ zoneId, osTypeId }) => ({
      url: `${images}/disk.raw`,
      format: "RAW",
      displayText: "from a URL",
      osTypeId,
      zoneIds: [zoneId],
      tags,
    }),
    outputs: { name: expect.stringMatching(/^thing-/u), ready: true, size: 6 },
    inPlace: () => ({
      displayText: "renamed",
      featured: true,
      public: true,
      extractable: true,
      details: { rootDiskController: "virtio" },
      tags: {},
    }),
    replacing: () => ["url", { url: `${images}/other.raw` }],
    wrong: [
      [{ url: "ftp://a/b.raw", format: "RAW", displayText: "t", osTypeId: "o" }, ["url"]],
      [{ url: "http://a/b.raw", format: "PNG", displayText: "t", osTypeId: "o" }, ["format"]],
      [{ url: "http://a/b.raw", format: "RAW", displayText: "t" }, ["osTypeId"]],
      [{ url: "http://a/b", format: "RAW", displayText: "t", osTypeId: "o", checksum: "x" }, ["checksum"]],
      [
        { url: "http://a/b.ova", format: "OVA", displayText: "t", deployAsIs: true, hypervisor: "KVM" },
        ["deployAsIs"],
      ],
      [
        {
          url: "http://a/b",
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
  TemplateCopy: {
    inputs: ({ templateId, zoneId, otherZoneId }) => ({
      templateId,
      sourceZoneId: zoneId,
      zoneIds: [otherZoneId],
    }),
    outputs: {},
    replacing: () => ["templateId", { templateId: "another" }],
    wrong: [
      [{ templateId: "t", sourceZoneId: "a", zoneIds: [] }, ["zoneIds"]],
      [{ templateId: "t", sourceZoneId: "a", zoneIds: ["a", "b"] }, ["zoneIds"]],
      [{}, ["templateId", "sourceZoneId", "zoneIds"]],
    ],
    list: "listTemplates",
    remove: "deleteTemplate",
    removeBy: "id",
    removeWith: { zoneid: "" },
    borrowed: ({ templatetype, zonename }) => templatetype === "USER" && zonename === "lab-zone-2",
    addsRow: true,
  },
  TemplatePermissions: {
    inputs: ({ templateId }) => ({ templateId, accounts: ["partner", "customer"], extractable: true }),
    outputs: {},
    inPlace: () => ({ accounts: ["partner"], extractable: false, featured: true }),
    replacing: () => ["templateId", { templateId: "another" }],
    wrong: [
      [{ templateId: "t" }, ["accounts"]],
      [{ accounts: ["a b"] }, ["templateId", "accounts"]],
    ],
    list: "listTemplates",
    remove: "updateTemplatePermissions",
    removeBy: "id",
    removeWith: { op: "reset", isextractable: false },
    borrowed: ({ isextractable, isfeatured, templatetype }) =>
      templatetype === "USER" && (isextractable || isfeatured),
    staysSeen: true,
  },
  UserData: {
    inputs: () => ({ content: "#cloud-config\nhostname: $name\n", params: ["name"] }),
    outputs: { name: expect.stringMatching(/^thing-/u) },
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

/** Has every image that is asked for. */
const server = createServer((_, response) => {
  response.end("a disk");
});
let images: string;
const lab = new LabProcess("none");
const owner = "provider-of-this-state";
let cloud: Client;
let config: Wire;
let world: World;
let engine: OwnEngine;
const open: OwnEngine[] = [];

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  images = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  cloud = await lab.up();
  const { url, apiKey, secretKey } = cloud.target;
  config = { apiUrl: url, apiKey, secretKey, jobTimeoutSeconds: 20 };
  world = await made();
});
afterEach(async () => {
  for (const each of open.splice(0)) each.close();
  await lab.control.clearFaults();
  for (const { list, remove, removeBy = "id", removeWith, borrowed } of Object.values(table)) {
    for (const row of await rows(list)) {
      if (borrowed ? !borrowed(row) : isOfTheWorld(row)) continue;
      const fields = { [removeBy]: removeBy === "name" ? row.name : row.id, ...withZone(removeWith, row) };
      const answer = await cloud.call(remove, fields);
      if (answer.jobid) await cloud.done(answer.jobid);
    }
  }
});
afterAll(async () => {
  server.close();
  await lab.end();
});

function isOfTheWorld(row: Json): boolean {
  return (
    [world.networkId, world.addressId, world.otherAddressId, world.volumeId, world.templateId].includes(
      row.id,
    ) ||
    row.type === "ROOT" ||
    row.name === "lab-network" ||
    row.issourcenat === true ||
    row.issystem === true
  );
}

/** Only the row's own zone is meant. */
function withZone(fields: Record<string, unknown> | undefined, row: Json): Fields {
  return { ...fields, ...(fields && "zoneid" in fields && { zoneid: row.zoneid }) } as Fields;
}

async function made(): Promise<World> {
  const { zoneid } = await cloud.world();
  const offering = async (name: string) =>
    (await cloud.call("listNetworkOfferings", { name })).networkoffering[0].id as string;
  const isolated = await offering("DefaultIsolatedNetworkOfferingWithSourceNatService");
  const net = { name: "net", zoneid, networkofferingid: isolated };
  const networkId = (await cloud.call("createNetwork", net)).network.id;
  const address = async () => (await cloud.job("associateIpAddress", { networkid: networkId })).ipaddress.id;
  const instance = async (name: string) => (await cloud.deploy({ name, networkids: networkId })).id;
  const stopped = await instance("three");
  await cloud.job("stopVirtualMachine", { id: stopped });
  const diskOfferingId = (await cloud.call("listDiskOfferings", { name: "Custom" })).diskoffering[0].id;
  const volume = { name: "data", zoneid, diskofferingid: diskOfferingId, size: 5 };
  const captured = {
    name: "captured",
    ostypeid: (await cloud.world()).ostypeid,
    volumeid: (await cloud.call("listVolumes", { virtualmachineid: stopped })).volume[0].id,
  };
  const { zone: zones } = await cloud.call("listZones");
  return {
    osTypeId: captured.ostypeid,
    otherZoneId: zones.find(({ name }: Json) => name === "lab-zone-2").id,
    templateId: (await cloud.job("createTemplate", captured)).template.id,
    diskOfferingId,
    volumeId: (await cloud.job("createVolume", volume)).volume.id,
    rootVolumeId: (await cloud.call("listVolumes", { virtualmachineid: stopped })).volume[0].id,
    zoneId: zoneid,
    isolated,
    otherOffering: await offering("LabIsolatedNetworkOfferingWithEgress"),
    networkId,
    addressId: await address(),
    otherAddressId: await address(),
    instanceId: await instance("one"),
    otherInstanceId: await instance("two"),
  };
}

async function fresh(): Promise<OwnEngine> {
  const each = await engineFor(provider);
  open.push(each);
  await each.configure(config, owner);
  return each;
}

async function rows(command: string): Promise<Json[]> {
  const answer = await cloud.call(command, { listall: true, templatefilter: "self" });
  return (Object.values(answer).find(Array.isArray) ?? []) as Json[];
}

/** With every text and number of it not known yet. */
function unknownIn(inputs: Wire): Wire {
  return Object.fromEntries(Object.keys(inputs).map((name) => [name, unknownText]));
}

describe.each(Object.entries(table))("%s", (name, line) => {
  const urn = urnOf(`cloudstack:index:${name}`, "thing");
  const there = async () =>
    (await rows(line.list)).filter((row) => (line.borrowed ? line.borrowed(row) : !isOfTheWorld(row)));

  /** Checked, as the engine hands them to all other calls. */
  async function checked(changes: Wire = {}): Promise<Wire> {
    engine = await fresh();
    const { inputs, faults } = await engine.check(urn, { ...line.inputs(world), ...changes });
    expect(faults).toEqual({});
    return inputs;
  }

  test("made as wanted, found unchanged, imported, and removed", async () => {
    const inputs = await checked();
    const { id, state } = await engine.create(urn, inputs);
    expect(state).toMatchObject({ ...inputs, ...line.outputs });
    expect(await there()).toHaveLength(1);
    const seen = await engine.read(urn, id, { inputs, state });
    expect(seen).toMatchObject({ id, inputs });
    expect(await engine.diff(urn, id, { inputs: seen.inputs, state: seen.state }, inputs)).toMatchObject({
      changes: false,
    });
    const imported = await engine.read(urn, id);
    expect(imported.id).toBe(id);
    const difference = await engine.diff(urn, id, { inputs: imported.inputs, state: imported.state }, inputs);
    expect(difference.replaces).toEqual([]);
    if (name !== "SshKeyPair") expect(imported.inputs).toMatchObject(inputs);
    await engine.delete(urn, id, state, inputs);
    expect(await there()).toEqual([]);
    await engine.delete(urn, id, state, inputs);
  });

  if (!line.staysSeen) {
    test("removed by somebody else, it is seen to be gone", async () => {
      const inputs = await checked();
      const { id, state } = await engine.create(urn, inputs);
      const [row] = await there();
      const by = line.removeBy ?? "id";
      const answer = await cloud.call(line.remove, {
        [by]: by === "name" ? row.name : row.id,
        ...withZone(line.removeWith, row),
      });
      if (answer.jobid) await cloud.done(answer.jobid);
      expect((await engine.read(urn, id, { inputs, state })).id).toBe("");
    });
  }

  if (line.inPlace) {
    test("what can change in place does", async () => {
      const inputs = await checked();
      const { id, state } = await engine.create(urn, inputs);
      const news = await checked(line.inPlace?.(world));
      const difference = await engine.diff(urn, id, { inputs, state }, news);
      expect(difference).toMatchObject({ changes: true, replaces: [] });
      const updated = await engine.update(urn, id, { inputs, state }, news);
      expect(updated).toMatchObject(news);
      const seen = await engine.read(urn, id, { inputs: news, state: updated });
      expect(seen.inputs).toEqual(news);
      expect(await engine.diff(urn, id, { inputs: news, state: seen.state }, news)).toMatchObject({
        changes: false,
      });
    });
  }

  test("what cannot is replaced, and the property is named", async () => {
    const inputs = await checked();
    const [property, changes] = line.replacing(world);
    const news = await checked(changes);
    const { replaces } = await engine.diff(urn, "1", { inputs, state: inputs }, news);
    expect(replaces).toContain(property);
  });

  test("killed before it was written down, it is taken up and not made twice", async () => {
    const inputs = await checked();
    const cut = await engine.create(urn, inputs);
    engine.close();
    const again = await (await fresh()).create(urn, inputs);
    expect(again.id).toBe(cut.id);
    expect(await there()).toHaveLength(1);
  });

  test("an answer that is lost on its way makes no second one", async () => {
    const before = await rows(line.list);
    const inputs = await checked();
    await lab.control.arm("connection-reset-after", { command: creatorOf(name), times: "1" });
    const created = await engine.create(urn, inputs).catch(async () => (await fresh()).create(urn, inputs));
    expect((await there()).map((row) => row.id ?? row.name)).toHaveLength(1);
    expect(created.id).not.toBe("");
    expect((await rows(line.list)).length).toBe(before.length + (line.borrowed && !line.addsRow ? 0 : 1));
  });

  test("a refusal of the cloud names the object, and leaves nothing", async () => {
    const inputs = await checked();
    if (!jobs.has(name)) return;
    await lab.control.arm("job-fails", {
      command: creatorOf(name),
      code: "533",
      text: "there is no room",
      times: "1",
    });
    const failure = await failureOf(engine.create(urn, inputs));
    expect(failure.text).toContain("there is no room");
    expect(failure.partial).toBeUndefined();
    expect(await there()).toEqual([]);
  });

  test.each(line.wrong)("%j is refused at %j", async (inputs, properties) => {
    const { faults } = await (await fresh()).check(urn, inputs);
    expect(Object.keys(faults)).toEqual(expect.arrayContaining(properties));
    expect(properties).toEqual(expect.arrayContaining(Object.keys(faults)));
  });

  test("what is not known yet is no fault", async () => {
    const inputs = unknownIn(line.inputs(world));
    const each = await fresh();
    expect((await each.check(urn, inputs)).faults).toEqual({});
    await each.diff(urn, "1", { inputs: line.inputs(world), state: line.inputs(world) }, inputs);
    await each.create(urn, inputs, { preview: true });
  });
});

describe("SshKeyPair that CloudStack makes", () => {
  const urn = urnOf("cloudstack:index:SshKeyPair", "made");

  test("its private key is a secret output that fits its public key, and stays after a refresh", async () => {
    const each = await fresh();
    const { id, state } = await each.create(urn, {});
    const privateKey = (state.privateKey as Wire).value;
    expect(state.privateKey).toEqual(secret(expect.stringContaining("PRIVATE KEY")));
    const [row] = await rows("listSSHKeyPairs");
    expect(fingerprintOf(String(state.publicKey))).toBe(row.fingerprint);
    const seen = await each.read(urn, id, { inputs: {}, state });
    expect(seen.state.privateKey).toEqual(secret(privateKey));
    expect((await each.diff(urn, id, { inputs: {}, state: seen.state }, {})).changes).toBe(false);
  });

  test("killed before it was written down, it is made anew: its private key is lost", async () => {
    const cut = await fresh();
    const first = await cut.create(urn, {});
    cut.close();
    const second = await (await fresh()).create(urn, {});
    expect(second.id).toBe(first.id);
    expect(second.state.privateKey).not.toEqual(first.state.privateKey);
    expect(await rows("listSSHKeyPairs")).toHaveLength(1);
  });
});

const creators: Record<string, string> = {
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

function creatorOf(name: string): string {
  return creators[name] ?? `create${name}`;
}

/** Those that are made by a job. */
const jobs = new Set([
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
