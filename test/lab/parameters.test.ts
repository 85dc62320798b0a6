/** Parameters that choose and describe, one by one: what they do, and what is refused in place of being passed over. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { allCommands } from "../../lab/api/registry.ts";
import type { Client, Fields, Json } from "./support/client.ts";
import { LabProcess } from "./support/process.ts";

const lab = new LabProcess();
let client: Client;
let world: Json;
let isolated: Json;

beforeAll(async () => {
  client = await lab.up();
  world = await client.world();
  const name = "DefaultIsolatedNetworkOfferingWithSourceNatService";
  const networkofferingid = (await client.call("listNetworkOfferings", { name })).networkoffering[0].id;
  const { zoneid } = world;
  isolated = (await client.call("createNetwork", { name: "own", zoneid, networkofferingid })).network;
});
afterAll(() => lab.end());

const place = () => {
  const { ostypeid: _, networkids: __, ...fields } = world;
  return fields as Fields;
};
const names = async (command: string, list: string, fields: Fields = {}): Promise<string[]> =>
  ((await client.call(command, fields))[list] ?? []).map(({ name }: Json) => name).sort();
const refused = async (fields: Fields) =>
  (await client.raw(fields)).body[`${String(fields.command).toLowerCase()}response`];

test("a deployment by names of groups, with addresses in its networks, in a group and with the template's tags", async () => {
  const group = { name: "apart", type: "host anti-affinity" };
  const affinity = (await client.job("createAffinityGroup", group)).affinitygroup;
  const security = (await client.call("createSecurityGroup", { name: "web" })).securitygroup;
  const tag = {
    resourceids: world.templateid,
    resourcetype: "Template",
    "tags[0].key": "os",
    "tags[0].value": "debian",
  };
  await client.job("createTags", tag);
  const { virtualmachine } = await client.job("deployVirtualMachine", {
    ...place(),
    name: "vm",
    "iptonetworklist[0].networkid": isolated.id,
    "iptonetworklist[0].ip": "10.1.1.77",
    "iptonetworklist[1].networkId": world.networkids,
    affinitygroupnames: "apart",
    securitygroupnames: "web",
    group: "builders",
    copyimagetags: true,
  });
  expect(virtualmachine.nic.map(({ networkid, ipaddress }: Json) => [networkid, ipaddress])).toEqual([
    [isolated.id, "10.1.1.77"],
    [world.networkids, expect.stringMatching(/^10\.213\./)],
  ]);
  expect(virtualmachine).toMatchObject({
    group: "builders",
    affinitygroup: [{ id: affinity.id }],
    securitygroup: [{ id: security.id }],
    tags: [{ key: "os", value: "debian" }],
  });
  const found = (fields: Fields) => names("listVirtualMachines", "virtualmachine", fields);
  for (const fields of [
    { groupid: virtualmachine.groupid },
    { affinitygroupid: affinity.id },
    { securitygroupid: security.id },
    { forvirtualnetwork: true },
    { userid: virtualmachine.userid },
    { arch: "x86_64", hypervisor: "kvm", haenable: false },
  ]) {
    expect([fields, await found(fields)]).toEqual([fields, ["vm"]]);
  }
  for (const fields of [
    { forvirtualnetwork: false },
    { arch: "aarch64" },
    { haenable: true },
    { gpuenabled: true },
  ]) {
    expect([fields, await found(fields)]).toEqual([fields, []]);
  }
  expect(await client.call("listVirtualMachines", { retrieveonlyresourcecount: true })).toEqual({ count: 1 });
  const both = {
    ...place(),
    command: "deployVirtualMachine",
    networkids: isolated.id,
    "iptonetworklist[0].networkid": isolated.id,
  };
  expect((await refused(both)).errortext).toBe(
    "ipToNetworkMap can't be specified along with networkIds or ipAddress",
  );
  const changed = await client.call("updateVirtualMachine", {
    id: virtualmachine.id,
    group: "others",
    securitygroupids: "",
  });
  expect(changed.virtualmachine).toMatchObject({ group: "others", securitygroup: [] });
});

test("a first password of one's own, where the template has passwords", async () => {
  const fields = { ...place(), command: "deployVirtualMachine", networkids: isolated.id, password: "chosen" };
  expect((await refused(fields)).errortext).toContain("has no passwords");
  await client.call("updateTemplate", { id: world.templateid, passwordenabled: true });
  const { virtualmachine } = await client.job(
    "deployVirtualMachine",
    { ...fields, name: "own-word" },
    "POST",
  );
  expect(virtualmachine.password).toBe("chosen");
  await client.call("updateTemplate", { id: world.templateid, passwordenabled: false });
});

test("networks and offerings by what they are", async () => {
  const networks = (fields: Fields) => names("listNetworks", "network", fields);
  expect(await networks({ networkfilter: "account" })).toEqual(["own"]);
  expect(await networks({ networkfilter: "shared" })).toEqual(["lab-network"]);
  expect(await networks({ networkfilter: "all" })).toEqual(["lab-network", "own"]);
  expect((await refused({ command: "listNetworks", networkfilter: "mine" })).errorcode).toBe(431);
  expect(await networks({ supportedservices: "Firewall,PortForwarding" })).toEqual(["own"]);
  expect(await networks({ supportedservices: "Lb" })).toEqual([]);
  expect(await networks({ acltype: "domain" })).toEqual(["lab-network"]);
  const offerings = (fields: Fields) => names("listNetworkOfferings", "networkoffering", fields);
  expect(await offerings({ availability: "Required" })).toEqual([
    "DefaultIsolatedNetworkOfferingWithSourceNatService",
  ]);
  expect(await offerings({ networkid: isolated.id })).toEqual(["LabIsolatedNetworkOfferingWithEgress"]);
  expect(await offerings({ sourcenatsupported: true })).toHaveLength(2);
  expect(await offerings({ forvpc: true })).toEqual([]);
  const { id } = (await client.call("listVirtualMachines", { name: "vm" })).virtualmachine[0];
  expect(await names("listServiceOfferings", "serviceoffering", { virtualmachineid: id })).toEqual([
    "2 vCPU, 4 GiB",
    "4 vCPU, 8 GiB",
  ]);
});

test("a forwarding leads to ports that there are, and leads elsewhere when it is told to", async () => {
  const { ostypeid: _, ...fields } = world;
  const guest = await client.deploy({ ...fields, networkids: isolated.id, name: "web" });
  const { id: ipaddressid } = (await client.job("associateIpAddress", { networkid: isolated.id })).ipaddress;
  const rule = { ipaddressid, virtualmachineid: guest.id, protocol: "tcp", publicport: 80, privateport: 80 };
  for (const [wrong, text] of [
    [{ publicport: 0 }, "publicPort is an invalid value: 0"],
    [{ publicendport: 65536 }, "Public port range is an invalid value: 65536"],
    [{ publicendport: 79 }, "Start port can't be bigger than end port"],
    [{ privateport: 65536 }, "privatePort is an invalid value: 65536"],
    [{ publicendport: 81 }, "Source port and destination port ranges should be of equal sizes."],
  ] as const) {
    const refusal = await refused({ command: "createPortForwardingRule", ...rule, ...wrong });
    expect(refusal).toMatchObject({ errorcode: 431, errortext: text });
  }
  const icmp = { ipaddressid, protocol: "icmp", icmptype: 256 };
  expect((await refused({ command: "createFirewallRule", ...icmp })).errorcode).toBe(431);
  const own = { ipaddressid, protocol: "tcp", startport: 80, endport: 80, cidrlist: "10.0.0.0/8" };
  await client.job("createFirewallRule", own);
  const { id } = (await client.job("createPortForwardingRule", rule)).portforwardingrule;
  // What the firewall lets in to these ports is said already.
  const { firewallrule } = await client.call("listFirewallRules", { ipaddressid });
  expect(firewallrule).toMatchObject([{ cidrlist: "10.0.0.0/8" }]);
  const change = { id, privateport: 8080, cidrlist: "10.0.0.0/8" };
  const changed = (await client.job("updatePortForwardingRule", change)).portforwardingrule;
  expect(changed).toMatchObject({ id, publicport: "80", privateport: "8080", privateendport: "8080" });
  expect(changed.cidrlist).toBe("10.0.0.0/8");
  const wrong = { command: "updatePortForwardingRule", id };
  expect((await refused({ ...wrong, privateport: 65536 })).errorcode).toBe(431);
  expect((await refused({ ...wrong, privateport: 1, privateendport: 2 })).errorcode).toBe(431);
  await client.job("destroyVirtualMachine", { id: guest.id, expunge: true });
  await client.job("disassociateIpAddress", { id: ipaddressid });
});

test("a card's address, the host and a snapshot's tags can be chosen", async () => {
  const fields = { ...place(), networkids: isolated.id };
  const deploy = (more: Fields) => refused({ command: "deployVirtualMachine", ...fields, ...more });
  const { host } = await client.call("listHosts");
  const chosen = { macaddress: "02:AA:bb:00:00:01", hostid: host[0].id };
  const instance = await client.deploy({ ...fields, ...chosen, name: "chosen" });
  expect(instance.nic[0].macaddress).toBe("02:aa:bb:00:00:01");
  expect((await deploy({ macaddress: "02:aa:bb:00:00:01" })).errortext).toContain("in use by chosen");
  expect((await deploy({ macaddress: "03:aa:bb:00:00:01" })).errortext).toContain("not unicast");
  expect((await deploy({ macaddress: "02:aa:bb" })).errorcode).toBe(431);
  const elsewhere = { hostid: "11111111-2222-3333-4444-555555555555" };
  expect((await deploy(elsewhere)).errortext).toContain("entity does not exist");
  await client.job("stopVirtualMachine", { id: instance.id });
  const start = { command: "startVirtualMachine", id: instance.id };
  expect((await refused({ ...start, podid: elsewhere.hostid })).errorcode).toBe(431);
  const { volume } = await client.call("listVolumes", { virtualmachineid: instance.id });
  const tag = { "tags[0].key": "build", "tags[0].value": "7" };
  const { snapshot } = await client.job("createSnapshot", { volumeid: volume[0].id, ...tag });
  const found = (await client.call("listSnapshots", tag)).snapshot;
  expect(found).toMatchObject([{ id: snapshot.id, tags: [{ key: "build", value: "7" }] }]);
  await client.job("deleteSnapshot", { id: snapshot.id });
  expect(await client.call("listTags", { key: "build" })).toEqual({});
  await client.job("destroyVirtualMachine", { id: instance.id, expunge: true });
});

test("a data disk goes to another offering, a root disk does not", async () => {
  const offering = async (name: string) =>
    (await client.call("listDiskOfferings", { name })).diskoffering[0].id;
  const [custom, fixed] = [await offering("Custom"), await offering("20 GiB")];
  const made = { name: "disk", zoneid: world.zoneid, diskofferingid: custom, size: 30 };
  const { id } = (await client.job("createVolume", made)).volume;
  const resize = { command: "resizeVolume", id };
  expect((await refused({ ...resize, diskofferingid: custom })).errortext).toContain("custom size");
  expect((await refused(resize)).errorcode).toBe(431);
  await expect(client.job("resizeVolume", { id, diskofferingid: fixed })).rejects.toThrow("would shrink");
  const smaller = { id, diskofferingid: fixed, shrinkok: true };
  const { volume } = await client.job("resizeVolume", smaller);
  expect(volume).toMatchObject({ diskofferingid: fixed, size: 20 * 1024 ** 3 });
  await client.call("deleteVolume", { id });
  const root = (await client.call("listVolumes", { type: "ROOT" })).volume[0];
  expect((await refused({ ...resize, id: root.id, diskofferingid: fixed })).errorcode).toBe(431);
});

test("of instances only those parts are listed that are asked for", async () => {
  const listed = async (details: string): Promise<Json> =>
    (await client.call("listVirtualMachines", { name: "vm", details })).virtualmachine[0];
  const [all, least, some] = [await listed("all"), await listed("min"), await listed("nics,tmpl")];
  expect(all).toEqual(await listed(""));
  expect(all).toMatchObject({ memory: 1024, templateid: world.templateid, rootdeviceid: 0 });
  expect(least).toMatchObject({ id: all.id, name: "vm", state: all.state, nic: [], affinitygroup: [] });
  for (const field of ["memory", "templateid", "serviceofferingid", "rootdeviceid", "ipaddress", "group"]) {
    expect(least).not.toHaveProperty(field);
  }
  expect(some).toMatchObject({ nic: all.nic, templateid: world.templateid, ipaddress: all.ipaddress });
  expect(some).not.toHaveProperty("memory");
  const wrong = await refused({ command: "listVirtualMachines", details: "nics,secrets" });
  expect(wrong).toMatchObject({ errorcode: 431, errortext: expect.stringContaining("non permitted value") });
});

test("a network card is listed as its instance has it", async () => {
  const vm = (await client.call("listVirtualMachines", { name: "vm" })).virtualmachine[0];
  const { nic } = await client.call("listNics", { virtualmachineid: vm.id, networkid: isolated.id });
  expect(nic).toEqual([{ ...vm.nic[0], virtualmachineid: vm.id }]);
});

test("what the lab has nothing for is refused in each form in which it can come, and a plain no is not", async () => {
  const fields = { ...place(), command: "deployVirtualMachine", networkids: isolated.id };
  for (const asked of [
    { "datadiskofferinglist[0].datadisktemplateid": "x" },
    { "properties[0].key": "k", "properties[0].value": "v" },
    { bootintosetup: true },
    { extraconfig: "x" },
  ]) {
    const { errorcode, errortext } = await refused({ ...fields, ...asked });
    expect([errorcode, errortext]).toEqual([431, expect.stringContaining("the lab has no ")]);
  }
  const { virtualmachine } = await client.job("deployVirtualMachine", {
    ...fields,
    bootintosetup: false,
    hostid: "",
  });
  expect(virtualmachine.state).toBe("Running");
});

test("whatever is refused is refused as text and as a map", () => {
  for (const { name, params } of allCommands) {
    for (const [parameter, { support, readText, readMap }] of Object.entries(params)) {
      if (support !== "refused") continue;
      const at = { command: name, parameter, store: undefined as never };
      expect(() => readText?.("true", at), `${name} ${parameter}`).toThrow("the lab has no");
      if (readMap) expect(() => readMap([{ a: "b" }], at), `${name} ${parameter}`).toThrow("the lab has no");
    }
  }
});
