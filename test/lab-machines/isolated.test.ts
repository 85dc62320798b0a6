/** Isolated networks: what their rules say is what their packets do. Needs root. */
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client, Fields, Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { Guests } from "./support/guests.ts";
import { traces } from "./support/host.ts";
import { Outside } from "./support/outside.ts";

const lab = new LabProcess("nspawn");
const guests = new Guests();
let client: Client;
let closed: Json;
let open: Json;
let first: Json;
/** In another zone, in two networks. */
let second: Json;
/** In the second one alone. */
let third: Json;
let inner: Json;
let address: Json;

beforeAll(async () => {
  client = await lab.up();
  await guests.register(client);
  closed = await network("closed", "DefaultIsolatedNetworkOfferingWithSourceNatService");
  const { zone } = await client.call("listZones", { name: "lab-zone-2" });
  const zoneid = zone[0].id;
  const netmask = "255.255.255.0";
  const egress = "LabIsolatedNetworkOfferingWithEgress";
  open = await network("open", egress, { zoneid, gateway: "10.1.2.1", netmask });
  inner = await network("inner", egress, {
    ...{ zoneid, gateway: "10.1.3.1", netmask, networkdomain: "second.test" },
  });
  [first, second, third] = await Promise.all([
    client.deploy({ name: "first", networkids: closed.id, keypairs: "test" }),
    client.deploy({ name: "second", zoneid, networkids: `${open.id},${inner.id}`, keypairs: "test" }),
    client.deploy({ name: "third", zoneid, networkids: inner.id, keypairs: "test" }),
  ]);
  address = await allocated(closed.id);
});
afterAll(async () => {
  await lab.end();
  guests.end();
});

async function network(name: string, offering: string, fields: Fields = {}): Promise<Json> {
  const { zoneid } = await client.world();
  const found = await client.call("listNetworkOfferings", { name: offering });
  const networkofferingid = found.networkoffering[0].id;
  return (await client.call("createNetwork", { name, zoneid, networkofferingid, ...fields })).network;
}

async function allocated(networkid: string): Promise<Json> {
  return (await client.job("associateIpAddress", { networkid })).ipaddress;
}

const rule = async (command: string, fields: Fields): Promise<Json> =>
  Object.values(await client.job(command, fields))[0];

type Reached = "open" | "refused" | "silent";

/** As a person's own computer would find the port. @param from the sender's address */
function reach(host: string, port: number, from = "127.0.0.1"): Promise<Reached> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, localAddress: from, timeout: 1500 });
    const end = (how: Reached) => {
      socket.destroy();
      resolve(how);
    };
    socket.on("connect", () => end("open"));
    socket.on("timeout", () => end("silent"));
    socket.on("error", () => end("refused"));
  });
}

const forwarding = () => ({
  ipaddressid: address.id,
  protocol: "tcp",
  publicport: 2222,
  privateport: 22,
  virtualmachineid: first.id,
  openfirewall: false,
});

test("an instance there has no public address of its own, and the network has one for its source NAT", async () => {
  expect(first.publicip).toBeUndefined();
  expect(first.nic[0].ipaddress).toMatch(/^10\.1\.1\./u);
  const found = await client.call("listPublicIpAddresses", { associatednetworkid: closed.id });
  expect(found.publicipaddress.map(({ issourcenat }: Json) => issourcenat)).toEqual([true, false]);
  const { network: rows } = await client.call("listNetworks", { id: closed.id });
  expect(rows[0]).toMatchObject({ state: "Implemented", type: "Isolated", egressdefaultpolicy: false });
});

test("a forwarded port answers only once the firewall lets its sender in", async () => {
  const forwarded = await rule("createPortForwardingRule", forwarding());
  expect(await reach(address.ipaddress, 2222)).toBe("silent");
  const elsewhere = await rule("createFirewallRule", {
    ipaddressid: address.id,
    protocol: "tcp",
    startport: 2222,
    cidrlist: "127.9.0.0/16,198.51.100.0/24",
  });
  expect(await reach(address.ipaddress, 2222)).toBe("silent");
  while ((await reach(address.ipaddress, 2222, "127.9.0.1")) !== "open");
  expect(await reach(address.ipaddress, 2222)).toBe("silent");
  await client.job("deleteFirewallRule", { id: elsewhere.id });
  await rule("createFirewallRule", { ipaddressid: address.id, protocol: "tcp", startport: 2222 });
  expect(await guests.login(address.ipaddress, "hostname", 2222)).toBe("first");
  expect(await reach(address.ipaddress, 22)).toBe("silent");
  await client.job("deletePortForwardingRule", { id: forwarded.id });
  expect(await reach(address.ipaddress, 2222)).not.toBe("open");
});

test("static NAT gives a guest the whole address, where the firewall lets it", async () => {
  const own = await allocated(open.id);
  await client.call("enableStaticNat", { ipaddressid: own.id, virtualmachineid: second.id });
  expect(await reach(own.ipaddress, 22)).toBe("silent");
  await rule("createFirewallRule", { ipaddressid: own.id, protocol: "tcp", startport: 1, endport: 1024 });
  expect(await guests.login(own.ipaddress, "hostname")).toBe("second");
  const [row] = (await client.call("listVirtualMachines", { id: second.id })).virtualmachine;
  expect(row.publicip).toBe(own.ipaddress);
  await expect(
    client.call("createPortForwardingRule", { ...forwarding(), ipaddressid: own.id }),
  ).rejects.toThrow("static nat");
});

test("guests get out as their network's offering and its egress rules say, and never to another network", async () => {
  await rule("createPortForwardingRule", forwarding());
  const tried = (target: string) =>
    `timeout 3 bash -c 'exec 3<>/dev/tcp/${target}' 2>/dev/null && echo out || echo shut`;
  const fromFirst = (target: string) => guests.login(address.ipaddress, tried(target), 2222);
  const outside = await Outside.there();
  const target = `${outside.address}/${outside.port}`;
  try {
    expect(await fromFirst(target)).toBe("shut");
    const allowed = await rule("createEgressFirewallRule", {
      networkid: closed.id,
      protocol: "tcp",
      startport: outside.port,
      destcidrlist: `${outside.address}/32`,
    });
    expect(await fromFirst(target)).toBe("out");
    await client.job("deleteEgressFirewallRule", { id: allowed.id });
    expect(await fromFirst(target)).toBe("shut");
    await rule("createEgressFirewallRule", { networkid: closed.id, protocol: "all" });
    // Beyond the host the address may be anybody's: it is not the other guest that answers.
    const greeting = `timeout 3 bash -c 'exec 3<>/dev/tcp/${second.nic[0].ipaddress}/22; head -c 4 <&3' || true`;
    expect(await guests.login(address.ipaddress, greeting, 2222)).not.toContain("SSH-");
    const own = await client.call("listPublicIpAddresses", { associatednetworkid: open.id });
    const { ipaddress } = own.publicipaddress.find(({ isstaticnat }: Json) => isstaticnat);
    expect(await guests.login(ipaddress, tried(target))).toBe("out");
    await rule("createEgressFirewallRule", { networkid: open.id, protocol: "tcp", startport: outside.port });
    expect(await guests.login(ipaddress, tried(target))).toBe("shut");
  } finally {
    await outside.end();
  }
});

test("the second zone has networks and machines of its own", async () => {
  const { zone } = await client.call("listZones", { name: "lab-zone-2" });
  const zoneid = zone[0].id;
  expect([first, third].map(({ zonename }: Json) => zonename)).toEqual(["lab-zone", "lab-zone-2"]);
  expect(third.nic).toMatchObject([{ networkid: inner.id }]);
  const asked = [
    "cloud-init status --wait >/dev/null; hostname",
    "curl -sf http://data-server/latest/meta-data/availability-zone",
    "echo; getent ahostsv4 third.second.test | awk 'NR == 1 { print $1 }'",
  ];
  const { stdout } = await lab.run("ssh", "third", asked.join("; "));
  expect(stdout.trim().split("\n")).toEqual(["third", "lab-zone-2", third.nic[0].ipaddress]);
  await expect(client.deploy({ name: "astray", zoneid, networkids: closed.id })).rejects.toMatchObject({
    code: 431,
  });
});

test("a machine in two networks sees the guests of both, and leaves by the first; they see no others", async () => {
  const { publicipaddress } = await client.call("listPublicIpAddresses", { associatednetworkid: open.id });
  const { ipaddress } = publicipaddress.find(({ isstaticnat }: Json) => isstaticnat);
  const onSecond = (command: string) => guests.login(ipaddress, command);
  const [, innerCard] = second.nic;
  expect(await onSecond("ip -4 -br address show eth1")).toContain(innerCard.ipaddress);
  expect((await onSecond("ip route show default")).split("\n")).toEqual([
    expect.stringContaining("dev eth0"),
  ]);
  const greeted = (address: string) =>
    `timeout 5 bash -c 'exec 3<>/dev/tcp/${address}/22; head -c 4 <&3' || true`;
  let greeting = "";
  while (greeting !== "SSH-") greeting = await onSecond(greeted(third.nic[0].ipaddress));
  const fromFirst = await guests.login(address.ipaddress, greeted(third.nic[0].ipaddress), 2222);
  expect(fromFirst).not.toContain("SSH-");
});

test("killed and started again, the rules hold as before", async () => {
  await lab.kill();
  client = await lab.up();
  expect(await guests.login(address.ipaddress, "hostname", 2222)).toBe("first");
  expect(await reach(address.ipaddress, 22)).toBe("silent");
  await client.job("stopVirtualMachine", { id: first.id });
  await client.job("startVirtualMachine", { id: first.id });
  expect(await guests.login(address.ipaddress, "hostname", 2222)).toBe("first");
});

test("lab down leaves nothing of the networks on the host", async () => {
  expect((await lab.run("down")).code).toBe(0);
  expect(traces(lab.home)).toEqual([]);
  client = await lab.up();
});

test("a network goes when no instance holds it, with its addresses and rules", async () => {
  await expect(client.job("deleteNetwork", { id: closed.id })).rejects.toThrow("Failed to delete network");
  await client.job("destroyVirtualMachine", { id: first.id, expunge: true });
  expect(await client.call("listPortForwardingRules", {})).toEqual({});
  await client.job("deleteNetwork", { id: closed.id });
  const found = await client.call("listPublicIpAddresses", {});
  expect(found.publicipaddress.map(({ associatednetworkid }: Json) => associatednetworkid)).not.toContain(
    closed.id,
  );
});
