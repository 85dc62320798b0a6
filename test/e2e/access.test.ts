/** Ways to machines that have no public address of their own, each from a build to a proven clone and to nothing. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateKeyPair } from "../../providers/ssh/index.ts";
import { parseEnvironmentLines } from "../../toolchain/environment.ts";
import { run } from "../../toolchain/process.ts";
import { Client, type Fields, type Json } from "../lab/support/client.ts";
import { makeWorkspace, type Workspace } from "./support/workspace.ts";

let workspace: Workspace;
let cloud: Client;
const keys = mkdtempSync(join(tmpdir(), "bastion-"));

/** Builds elsewhere are proved in full, and their templates searched; here it is only about ways to machines. */
const short = { proof: "quick", templateSearch: "off" };

beforeAll(async () => {
  workspace = await makeWorkspace(short);
  const up = await workspace.lab("up");
  expect(up.code, up.text).toBe(0);
  const { stdout } = await workspace.lab("env");
  const lab = parseEnvironmentLines(stdout);
  cloud = new Client({
    url: lab.CLOUDSTACK_API_URL ?? "",
    apiKey: lab.CLOUDSTACK_API_KEY ?? "",
    secretKey: lab.CLOUDSTACK_SECRET_KEY ?? "",
  });
});
afterAll(async () => {
  await workspace?.remove();
  rmSync(keys, { recursive: true });
});

async function rows(command: string, fields: Fields = {}): Promise<Json[]> {
  const answer = await cloud.call(command, { listall: true, ...fields });
  return (Object.values(answer).find(Array.isArray) ?? []) as Json[];
}

async function built(): Promise<Json> {
  const { code, text } = await workspace.command("start");
  expect(code, text).toBe(0);
  const outputs = await workspace.command("pulumi", ["stack", "output", "--json", "-s", "dev"]);
  return JSON.parse(outputs.stdout);
}

/** Logs in with what was printed, as a person does. */
function login(command: string, ...words: string[]) {
  const [program = "", ...args] = command.split(" ");
  const options = ["-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes"];
  return run(program, [...options, ...args, ...words], { cwd: workspace.folder });
}

test("a network that comes with the stack, and a public address for each machine, open to named networks", async () => {
  const stack = workspace.read("Pulumi.dev.yaml");
  workspace.write("Pulumi.dev.yaml", stack.replace(/^.*:network: .*\n/mu, ""));
  workspace.config({
    networkOffering: "DefaultIsolatedNetworkOfferingWithSourceNatService",
    access: "portForwarding",
    accessCidrs: ["127.0.0.1/32"],
  });
  const made = await built();
  const network = (await rows("listNetworks")).find(({ type }) => type === "Isolated");
  expect(network).toMatchObject({ state: "Implemented", egressdefaultpolicy: false });
  const rules = await rows("listFirewallRules");
  expect(new Set(rules.map(({ cidrlist }) => cidrlist))).toEqual(new Set(["127.0.0.1/32"]));
  const ports = rules.filter(({ ipaddress }) => ipaddress === made.connection.host);
  expect(ports.map(({ startport }) => startport).sort((a, b) => a - b)).toEqual([22, 443, 3001, 8082]);
  const { code, stdout, stderr } = await login(made.connection.ssh.command, "hostname");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.trim()).not.toBe("");
  const again = await workspace.command("preview");
  expect(again.text).toContain("No input of the appliance moved");
  const gone = await workspace.command("destroy");
  expect(gone.code, gone.text).toBe(0);
  expect((await rows("listNetworks")).map(({ name }) => name)).toEqual(["lab-network"]);
  expect(await rows("listPublicIpAddresses")).toEqual([]);
  expect(await rows("listVirtualMachines")).toEqual([]);
});

test("a public address for each machine in a network that was there before, and is there after", async () => {
  const network = await isolatedNetwork("given", "LabIsolatedNetworkOfferingWithEgress");
  workspace.restore("Pulumi.dev.yaml");
  workspace.config({
    ...short,
    network: "given",
    access: "portForwarding",
    accessCidrs: ["127.0.0.1/32"],
  });
  const made = await built();
  const addresses = await rows("listPublicIpAddresses", { associatednetworkid: network.id });
  expect(addresses.map(({ ipaddress }) => ipaddress)).toContain(made.connection.host);
  expect(await login(made.connection.ssh.command, "true")).toMatchObject({ code: 0, stderr: "" });
  const gone = await workspace.command("destroy");
  expect(gone.code, gone.text).toBe(0);
  expect((await rows("listNetworks")).map(({ name }) => name)).toContain("given");
  const left = await rows("listPublicIpAddresses", { associatednetworkid: network.id });
  expect(left.filter(({ issourcenat }) => !issourcenat)).toEqual([]);
  expect(await rows("listVirtualMachines")).toEqual([]);
  await cloud.job("deleteNetwork", { id: network.id });
});

test("through a bastion in the machines' own network", async () => {
  const bastion = await bastionIn("LabIsolatedNetworkOfferingWithEgress");
  workspace.restore("Pulumi.dev.yaml");
  workspace.config({
    ...short,
    network: "closed",
    access: "bastion",
    bastionHost: bastion.address,
    bastionUser: bastion.user,
    bastionKeyFile: bastion.keyFile,
    bastionHostKey: bastion.hostKey,
  });
  const made = await built();
  expect(made.connection.host).toMatch(/^10\.1\.1\./u);
  expect(made.connection.ssh.command).toContain(`-J ${bastion.user}@${bastion.address}:22`);
  const gone = await workspace.command("destroy");
  expect(gone.code, gone.text).toBe(0);
  expect((await rows("listVirtualMachines")).map(({ name }) => name)).toEqual(["bastion"]);
});

async function isolatedNetwork(name: string, offering: string): Promise<Json> {
  const { zoneid } = await cloud.world();
  const [{ id: networkofferingid }] = await rows("listNetworkOfferings", { name: offering });
  return (await cloud.call("createNetwork", { name, zoneid, networkofferingid })).network;
}

/** A machine in a network of its own, let in from this computer alone. */
async function bastionIn(offering: string) {
  const network = await isolatedNetwork("closed", offering);
  const [key, hostKey] = [generateKeyPair("bastion"), generateKeyPair("bastion host")];
  const keyFile = join(keys, "key");
  writeFileSync(keyFile, key.privateKey, { mode: 0o600 });
  const userdata = [
    "#cloud-config",
    "ssh_deletekeys: true",
    `ssh_keys: ${JSON.stringify({ ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey })}`,
    `ssh_authorized_keys: ${JSON.stringify([key.publicKey])}`,
  ].join("\n");
  const instance = await cloud.deploy({
    name: "bastion",
    networkids: network.id,
    userdata: Buffer.from(userdata).toString("base64"),
  });
  const { ipaddress: address } = await cloud.job("associateIpAddress", { networkid: network.id });
  await cloud.call("enableStaticNat", { ipaddressid: address.id, virtualmachineid: instance.id });
  await cloud.job("createFirewallRule", {
    ipaddressid: address.id,
    protocol: "tcp",
    startport: 22,
    cidrlist: "127.0.0.0/8",
  });
  const [base] = await rows("listTemplates", { templatefilter: "featured" });
  return {
    address: address.ipaddress as string,
    user: base.name.startsWith("Ubuntu") ? "ubuntu" : "debian",
    keyFile,
    hostKey: hostKey.publicKey,
  };
}
