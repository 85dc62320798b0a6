/** The programs of examples/, run as they are by the real engine, with the lab as the cloud; its machines are rows only. */
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { paths, root } from "../../toolchain/project.ts";
import { ensureSdks } from "../../toolchain/sdk/build.ts";
import type { Client, Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { makeStack, type Stack } from "../stand-ins/support/stack.ts";

const lab = new LabProcess("none");
const environment = { ...process.env };
let cloud: Client;
let stack: Stack;

beforeAll(async () => {
  cloud = await lab.up();
  await ensureSdks(paths);
  const { url, apiKey, secretKey } = cloud.target;
  Object.assign(process.env, {
    CLOUDSTACK_API_URL: url,
    CLOUDSTACK_API_KEY: apiKey,
    CLOUDSTACK_SECRET_KEY: secretKey,
  });
});
afterAll(async () => {
  process.env = environment;
  await lab.end();
});
beforeEach(async () => {
  stack = await makeStack();
  return () => stack.remove();
});

/** Puts an example in place of the stack's own program. */
function example(name: string): void {
  const program = join(stack.folder, "program");
  rmSync(program, { recursive: true });
  cpSync(join(root, "examples", name), program, { recursive: true });
  symlinkSync(join(root, "node_modules"), join(program, "node_modules"));
  const file = join(program, "Pulumi.yaml");
  const text = readFileSync(file, "utf8").replace(
    "../../providers/cloudstack",
    join(root, "providers/cloudstack"),
  );
  writeFileSync(file, text);
}

async function rows(command: string, fields = {}): Promise<Json[]> {
  const answer = await cloud.call(command, { listall: true, templatefilter: "self", ...fields });
  return (Object.values(answer).find(Array.isArray) ?? []) as Json[];
}

/** From nothing to nothing: what it makes stays as it is in a second update, and goes with the stack. */
async function told(name: string, look: (outputs: Record<string, unknown>) => Promise<void>): Promise<void> {
  example(name);
  await stack.must("stack", "init", name);
  await stack.must("up", "--yes", "--skip-preview");
  await look(await stack.outputs());
  await stack.must("up", "--yes", "--skip-preview", "--expect-no-changes");
  await stack.must("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  await stack.must("destroy", "--yes", "--skip-preview");
}

async function nothingLeft(): Promise<void> {
  expect(await rows("listVirtualMachines")).toEqual([]);
  expect((await rows("listNetworks")).map(({ name }) => name)).toEqual(["lab-network"]);
  expect(await rows("listPublicIpAddresses")).toEqual([]);
  expect(await rows("listSSHKeyPairs")).toEqual([]);
  expect(await rows("listAffinityGroups")).toEqual([]);
  expect((await rows("listTemplates")).filter(({ templatetype }) => templatetype === "USER")).toEqual([]);
}

const programs: Record<string, () => Promise<void>> = {
  "public-instance": async () => {
    await told("public-instance", async ({ host, port, privateKey }) => {
      expect(host).toMatch(/^127\./u);
      expect(port).toBe(2222);
      expect(privateKey).toContain("PRIVATE KEY");
      const [rule] = await rows("listFirewallRules");
      expect(rule).toMatchObject({ startport: 2222, cidrlist: "127.0.0.1/32" });
    });
    await nothingLeft();
  },
  "isolated-network": async () => {
    await told("isolated-network", async ({ addresses }) => {
      expect(addresses).toEqual([
        expect.stringMatching(/^10\.20\.0\./u),
        expect.stringMatching(/^10\.20\.0\./u),
      ]);
      const [rule, ...others] = await rows("listEgressFirewallRules");
      expect([rule, ...others]).toHaveLength(1);
      expect(rule).toMatchObject({ startport: 443, cidrlist: "10.20.0.0/24" });
    });
    await nothingLeft();
  },
  "template-pipeline": async () => {
    await told("template-pipeline", async ({ templateId, sharedWith }) => {
      expect(sharedWith).toEqual(["partner"]);
      const [template] = await rows("listTemplates", { id: templateId });
      expect(template).toMatchObject({ isready: true, isextractable: true });
    });
    await nothingLeft();
  },
  "template-promotion": async () => {
    const source = await cloud.deploy({ name: "source" });
    await cloud.job("stopVirtualMachine", { id: source.id });
    const [{ id: volumeid }] = await rows("listVolumes", { virtualmachineid: source.id });
    const { ostypeid } = await cloud.world();
    const made = await cloud.job("createTemplate", { name: "proved", ostypeid, volumeid });
    const where = async () =>
      (await rows("listTemplates", { id: made.template.id })).map(({ zonename }) => zonename);
    example("template-promotion");
    await stack.must("stack", "init", "template-promotion");
    await stack.must("config", "set", "template", "proved");
    await stack.must("up", "--yes", "--skip-preview");
    expect(await where()).toEqual(["lab-zone", "lab-zone-2"]);
    const { templatepermission } = await cloud.call("listTemplatePermissions", { id: made.template.id });
    expect(templatepermission.account).toEqual(expect.arrayContaining(["partner", "customer"]));
    await stack.must("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await where()).toEqual(["lab-zone"]);
    await cloud.job("destroyVirtualMachine", { id: source.id, expunge: true });
    await cloud.job("deleteTemplate", { id: made.template.id });
  },
  import: async () => {
    const { zoneid } = await cloud.world();
    const name = "DefaultIsolatedNetworkOfferingWithSourceNatService";
    const [{ id: networkofferingid }] = await rows("listNetworkOfferings", { name });
    const { network } = await cloud.call("createNetwork", { name: "theirs", zoneid, networkofferingid });
    const { ipaddress } = await cloud.job("associateIpAddress", { networkid: network.id });
    example("import");
    await stack.must("stack", "init", "import");
    await stack.must("config", "set", "networkId", network.id);
    await stack.must("config", "set", "addressId", ipaddress.id);
    const text = await stack.must("up", "--yes", "--skip-preview");
    expect(text).toContain("2 imported");
    expect(await stack.outputs()).toMatchObject({ cidr: network.cidr, ipAddress: ipaddress.ipaddress });
    await stack.must("up", "--yes", "--skip-preview", "--expect-no-changes");
    await stack.must("destroy", "--yes", "--skip-preview");
    const [kept] = await rows("listNetworks", { id: network.id });
    expect(kept.name).toBe("theirs");
    await cloud.job("deleteNetwork", { id: network.id });
  },
};

test.each(Object.entries(programs))("%s", (_, run) => run());

test("every folder of examples is run here", () => {
  const folders = readdirSync(join(root, "examples"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(Object.keys(programs).sort()).toEqual(folders.sort());
});
