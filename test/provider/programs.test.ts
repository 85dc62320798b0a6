/** The programs of examples/, run as they are by the real engine, with the lab as the cloud; its machines are rows only. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { examples } from "../../providers/cloudstack/examples.ts";
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

const stackFile = /\/Pulumi\.[^/]+\.yaml$/u;

/** Puts an example in place of the stack's own program. */
function example(name: string): void {
  const program = join(stack.folder, "program");
  rmSync(program, { recursive: true });
  // Whoever tried it has a stack's settings there.
  const filter = (path: string) => !stackFile.test(path);
  cpSync(join(root, "examples", name), program, { recursive: true, filter });
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
  await stack.must("stack", "init", "dev");
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
    await stack.must("stack", "init", "dev");
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
    await stack.must("stack", "init", "dev");
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

test("no example comes with somebody's stack, whose passphrase nobody else has", () => {
  const kept = execFileSync("git", ["ls-files", "examples"], { cwd: root, encoding: "utf8" }).split("\n");
  expect(kept).toContain("examples/import/Pulumi.yaml");
  expect(kept.filter((path) => stackFile.test(path))).toEqual([]);
});

/** What the examples of the documentation take for granted. */
async function worldOfTheDocumentation(): Promise<void> {
  const { ostypeid, zoneid } = await cloud.world();
  const name = "DefaultIsolatedNetworkOfferingWithSourceNatService";
  const [{ id: networkofferingid }] = await rows("listNetworkOfferings", { name });
  const { network } = await cloud.call("createNetwork", { name: "build", zoneid, networkofferingid });
  await cloud.deploy({ name: "web", networkids: network.id });
  const build = await cloud.deploy({ name: "build" });
  await cloud.job("stopVirtualMachine", { id: build.id });
  const [{ id: volumeid }] = await rows("listVolumes", { virtualmachineid: build.id });
  const { template } = await cloud.job("createTemplate", { name: "appliance", ostypeid, volumeid });
  await cloud.call("updateTemplatePermissions", { id: template.id, isextractable: true });
}

/** One program of all of them, in the lab's names. */
function programOf(texts: Readonly<Record<string, string>>, imageUrl: string, image: Buffer): string {
  const digest = createHash("sha256").update(image).digest("hex");
  const bodies = Object.entries(texts).map(([kind, text]) => {
    const own = text
      .replaceAll("export const", "const")
      .replaceAll(/(new cloudstack\.\w+\(\s*")/gu, `$1${kind.toLowerCase()}-`)
      .replaceAll('"zone1"', '"lab-zone"')
      .replaceAll('"zone2"', '"lab-zone-2"')
      .replaceAll('name: "Ubuntu 24.04 LTS"', 'name: "Debian 12 (lab)"')
      .replaceAll(/https:[^"]+\.qcow2/gu, imageUrl)
      .replaceAll(/\{SHA-256\}[0-9a-f]+/gu, `{SHA-256}${digest}`);
    return `await (async () => {${own}})();`;
  });
  return `import * as cloudstack from "@pulumi/cloudstack";\n${bodies.join("\n")}`;
}

test("the examples of the documentation run, one beside the other, and go again", async () => {
  // What a qcow2 image begins with, and its size.
  const image = Buffer.concat([Buffer.from("QFI\xfb\0\0\0\x03", "latin1"), Buffer.alloc(96)]);
  image.writeBigUInt64BE(2n ** 30n, 24);
  const images = createServer((_, response) => response.end(image));
  await once(images.listen(0, "127.0.0.1"), "listening");
  await worldOfTheDocumentation();
  const { port } = images.address() as AddressInfo;
  const plugin = { name: "cloudstack", path: join(root, "providers/cloudstack") };
  const project = { name: "documentation", main: "index.ts", plugins: { providers: [plugin] } };
  const runtime = { name: "nodejs", options: { typescript: false } };
  writeFileSync(join(stack.folder, "program/Pulumi.yaml"), JSON.stringify({ ...project, runtime }));
  stack.program(programOf(examples, `http://127.0.0.1:${port}/debian.qcow2`, image));
  await stack.must("stack", "init", "dev");
  await stack.must("up", "--yes", "--skip-preview");
  const state = await stack.state();
  for (const kind of Object.keys(examples)) expect(state).toContain(`"cloudstack:index:${kind}"`);
  await stack.must("up", "--yes", "--skip-preview", "--expect-no-changes");
  await stack.must("destroy", "--yes", "--skip-preview");
  images.close();
});

test("every folder of examples is run here", () => {
  const folders = readdirSync(join(root, "examples"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(Object.keys(programs).sort()).toEqual(folders.sort());
});
