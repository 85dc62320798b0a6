/** The look-ups, over gRPC, against the lab: each finds what is there, in the program's words. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { provider } from "../../providers/cloudstack/provider.ts";
import type { Client, Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { engineFor, failureOf, type OwnEngine, type Wire } from "./support/engine.ts";

const lab = new LabProcess("none");
let cloud: Client;
let engine: OwnEngine;
let world: Awaited<ReturnType<Client["world"]>>;

beforeAll(async () => {
  cloud = await lab.up();
  world = await cloud.world();
  engine = await engineFor(provider);
  const { url, apiKey, secretKey } = cloud.target;
  await engine.configure({ apiUrl: url, apiKey, secretKey }, "state");
});
afterAll(async () => {
  engine.close();
  await lab.end();
});

const ask = (name: string, args: Wire) => engine.invoke(`cloudstack:index:${name}`, args);
const text = expect.any(String);

const found: Record<string, () => [Wire, Wire]> = {
  getAccount: () => [{ name: "admin" }, { id: text, name: "admin", domain: "ROOT" }],
  getApis: () => [{ names: ["listZones", "createMoon"] }, { missing: ["createMoon"] }],
  getCapabilities: () => [{}, { version: expect.stringMatching(/^4\.\d+/u) }],
  getDiskOffering: () => [{ name: "Custom" }, { id: text }],
  getInstance: () => [
    { name: "one" },
    { name: "one", state: "Running", zoneId: world.zoneid, rootVolumeId: expect.stringMatching(/./u) },
  ],
  getNetwork: () => [
    { name: "lab-network", zoneId: world.zoneid },
    { id: world.networkids, name: "lab-network" },
  ],
  getNetworkOffering: () => [
    { name: "DefaultIsolatedNetworkOfferingWithSourceNatService" },
    { egressAllowed: false },
  ],
  getOsType: () => [{ description: "Debian GNU/Linux 12 (64-bit)" }, { id: world.ostypeid }],
  getProject: () => [{ name: "migration" }, { id: text }],
  getServiceOffering: () => [
    { name: "1 vCPU, 1 GiB", zoneId: world.zoneid },
    { id: world.serviceofferingid, cpuNumber: 1, memory: 1024 },
  ],
  getTemplate: () => [
    { name: "Debian 12 (lab)", zoneId: world.zoneid },
    { id: world.templateid, osTypeId: world.ostypeid },
  ],
  getTemplates: () => [
    { name: "Debian 12 (lab)", zoneId: world.zoneid },
    { templates: [expect.objectContaining({ id: world.templateid })] },
  ],
  getZone: () => [{ name: "lab-zone" }, { id: world.zoneid, networkType: "Advanced" }],
};

test("every look-up of the schema is tried here", () => {
  const names = (provider.functions ?? []).map(({ token }) => token.split(":").at(-1));
  expect(names.sort()).toEqual(Object.keys(found).sort());
});

test.each(Object.keys(found))("%s", async (name) => {
  if (name === "getInstance") await cloud.deploy({ name: "one" });
  if (name === "getProject") await cloud.job("createProject", { name: "migration", displaytext: "t" });
  const [args, result] = found[name]?.() ?? [{}, {}];
  expect(await ask(name, args)).toMatchObject(result);
});

test("an instance is found by its id too; with neither, none is taken, and an id that nobody has is told", async () => {
  const one = await cloud.deploy({ name: "first" });
  await cloud.deploy({ name: "second" });
  expect(await ask("getInstance", { id: one.id })).toMatchObject({ name: "first" });
  const { text: nothing } = await failureOf(ask("getInstance", {}));
  expect(nothing).toContain("give its id or its name");
  const nobody = "7d0c1b1a-0000-4000-8000-000000000000";
  expect((await failureOf(ask("getInstance", { id: nobody }))).text).toContain(`no such instance: ${nobody}`);
});

test("an instance that was destroyed and is still on record is not taken for one", async () => {
  const { id } = await cloud.deploy({ name: "destroyed" });
  await cloud.job("destroyVirtualMachine", { id });
  expect((await cloud.call("listVirtualMachines", { id })).virtualmachine[0].state).toBe("Destroyed");
  for (const args of [{ name: "destroyed" }, { id }])
    expect((await failureOf(ask("getInstance", args))).text).toContain("no such instance");
});

test("templates: exactly the name, all of the tags, the newest first, by filter", async () => {
  const source = await cloud.deploy({ name: "source" });
  await cloud.job("stopVirtualMachine", { id: source.id });
  const [volume] = (await cloud.call("listVolumes", { virtualmachineid: source.id })).volume;
  const made: string[] = [];
  for (const stage of ["1", "2", "2"]) {
    const parameters = { name: "oma", displaytext: "t", ostypeid: world.ostypeid, volumeid: volume.id };
    const { template } = await cloud.job("createTemplate", parameters);
    const tag = {
      "tags[0].key": "stage",
      "tags[0].value": stage,
      "tags[1].key": "kind",
      "tags[1].value": "a",
    };
    await cloud.job("createTags", { resourcetype: "Template", resourceids: template.id, ...tag });
    made.push(template.id);
    // CloudStack tells the time of creation in seconds.
    const { created } = (await cloud.call("listTemplates", { templatefilter: "self", id: template.id }))
      .template[0];
    while (Date.now() < Date.parse(created) + 1000) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const ids = async (args: Wire) =>
    ((await ask("getTemplates", { zoneId: world.zoneid, ...args })).templates as Json[]).map(({ id }) => id);
  expect(await ids({ name: "oma" })).toEqual(made.toReversed());
  expect(await ids({ name: "om" })).toEqual([]);
  expect(await ids({ name: "oma", tags: { stage: "2", kind: "a" } })).toEqual([made[2], made[1]]);
  expect(await ids({ name: "oma", tags: { stage: "2", kind: "b" } })).toEqual([]);
  expect(await ids({ name: "oma", filter: "featured" })).toEqual([]);
  const newest = await ask("getTemplate", { name: "oma", zoneId: world.zoneid, tags: { stage: "1" } });
  expect(newest.id).toBe(made[0]);
});
