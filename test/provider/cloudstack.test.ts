/** The CloudStack provider against a real endpoint, the lab's, whose machines are rows only. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { provider } from "../../providers/cloudstack/provider.ts";
import type { Client, Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import {
  type Engine,
  engineFor,
  failureOf,
  secret,
  unknownText,
  urnOf,
  type Wire,
} from "./support/engine.ts";

const lab = new LabProcess("none");
const owner = "provider-of-this-state";
const instanceUrn = urnOf("cloudstack:index:Instance", "oma-build-instance");
const templateUrn = urnOf("cloudstack:index:Template", "oma-template");
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG5JF1CQ6qGwKY1tScki0HS7IL8q7f42pMRqqVzXlDDm test";

let cloud: Client;
let engine: Engine;
let config: Wire;
let wanted: Wire;
let osTypeId: string;

beforeAll(async () => {
  cloud = await lab.up();
  const { url, apiKey, secretKey } = cloud.target;
  config = { apiUrl: url, apiKey: secret(apiKey), secretKey: secret(secretKey), jobTimeoutSeconds: 30 };
  engine = await connected();
  const zone = await engine.invoke("cloudstack:index:getZone", { name: "lab-zone" });
  const zoneId = zone.id;
  const [offering, network, base] = await Promise.all([
    engine.invoke("cloudstack:index:getServiceOffering", { name: "4 vCPU, 8 GiB", zoneId }),
    engine.invoke("cloudstack:index:getNetwork", { name: "lab-network", zoneId }),
    engine.invoke("cloudstack:index:getTemplate", { name: "Debian 12 (lab)", zoneId }),
  ]);
  osTypeId = String(base.osTypeId);
  wanted = {
    zoneId,
    serviceOfferingId: offering.id,
    templateId: base.id,
    networkIds: [network.id],
    rootDiskSize: 100,
    tags: { appliance: "oma" },
  };
});

afterAll(async () => {
  engine?.close();
  await lab.end();
});

afterEach(async () => {
  await lab.run("inject", "--clear");
  const templates = (await rows("listTemplates", { templatefilter: "self" })).filter(
    ({ name }) => !name.endsWith("(lab)"),
  );
  for (const { id, isready } of templates) if (isready) await cloud.job("deleteTemplate", { id });
  for (const { id } of await rows("listVirtualMachines"))
    await cloud.job("destroyVirtualMachine", { id, expunge: true });
  for (const { name } of await rows("listSSHKeyPairs")) await cloud.call("deleteSSHKeyPair", { name });
});

/** Another process of the same state. */
async function connected(state = owner): Promise<Engine> {
  const made = await engineFor(provider);
  await made.configure(config, state);
  return made;
}

async function rows(command: string, fields: Record<string, string> = {}): Promise<Json[]> {
  const answer = await cloud.call(command, { listall: true, ...fields });
  return (Object.values(answer).find(Array.isArray) ?? []) as Json[];
}

const names = async (command: string, fields = {}) => (await rows(command, fields)).map(({ name }) => name);
const captured = async () =>
  (await names("listTemplates", { templatefilter: "self" })).filter(
    (name: string) => !name.endsWith("(lab)"),
  );

test.each([
  ["getZone", {}, "no such zone: nowhere", "lab-zone"],
  ["getServiceOffering", {}, "no such service offering: nowhere", "4 vCPU, 8 GiB"],
  ["getNetwork", { zoneId: true }, "no such network: nowhere", "lab-network"],
  ["getTemplate", { zoneId: true }, "no such template: nowhere", "Debian 12 (lab)"],
])("%s of what is not there says what is", async (name, needs, what, there) => {
  const args = { name: "nowhere", ...("zoneId" in needs && { zoneId: wanted.zoneId }) };
  const { text } = await failureOf(engine.invoke(`cloudstack:index:${name}`, args));
  expect(text).toContain(what);
  expect(text).toContain(there);
});

test("a near miss is told", async () => {
  const { text } = await failureOf(engine.invoke("cloudstack:index:getZone", { name: "lab-zoen" }));
  expect(text).toContain("did you mean lab-zone?");
});

test("an instance is deployed as asked, tagged, and expunged", async () => {
  const { id, state } = await engine.create(instanceUrn, { ...wanted, userData: secret("#cloud-config\n") });
  const [machine] = await rows("listVirtualMachines", { id });
  expect(machine).toMatchObject({ state: "Running", name: state.name });
  expect(state).toMatchObject({
    actualState: "Running",
    ipAddress: machine.nic[0].ipaddress,
    publicIpAddress: expect.stringMatching(/^127\./u),
    zoneName: "lab-zone",
    userData: secret("#cloud-config\n"),
  });
  expect(machine.tags).toEqual(
    expect.arrayContaining([expect.objectContaining({ key: "appliance", value: "oma" })]),
  );
  await engine.delete(instanceUrn, id, state);
  expect(await rows("listVirtualMachines")).toEqual([]);
  expect(await rows("listVolumes")).toEqual([]);
  await engine.delete(instanceUrn, id, state);
});

test("a moved input is named by its key, and replaces", async () => {
  const news = { ...wanted, triggers: { "unit/oma-api.service": "1", packages: "1" } };
  const state = { ...news, name: "n", actualState: "Running" };
  const moved = { ...news, triggers: { "unit/oma-api.service": "2", packages: "1" } };
  const difference = await engine.diff(instanceUrn, "1", { inputs: news, state }, moved);
  expect(difference.replaces).toEqual(["triggers"]);
  expect(difference.detailed).toEqual({ 'triggers["unit/oma-api.service"]': "UPDATE_REPLACE" });
});

test("a state that is wanted and was left outside of the program is put back", async () => {
  const inputs = { ...wanted, state: "Running" };
  const { id, state } = await engine.create(instanceUrn, inputs);
  await cloud.job("stopVirtualMachine", { id });
  const seen = await engine.read(instanceUrn, id, { inputs, state });
  expect(seen.state.actualState).toBe("Stopped");
  const difference = await engine.diff(instanceUrn, id, { inputs, state: seen.state }, inputs);
  expect(difference.detailed).toEqual({ actualState: "UPDATE" });
  const updated = await engine.update(instanceUrn, id, { inputs, state: seen.state }, inputs);
  expect(updated.actualState).toBe("Running");
});

test("tags move without a replacement", async () => {
  const { id, state } = await engine.create(instanceUrn, wanted);
  const news = { ...wanted, tags: { appliance: "oma", stage: "2" } };
  expect((await engine.diff(instanceUrn, id, { inputs: wanted, state }, news)).replaces).toEqual([]);
  await engine.update(instanceUrn, id, { inputs: wanted, state }, news);
  const [machine] = await rows("listVirtualMachines", { id });
  expect(machine.tags).toEqual(
    expect.arrayContaining([expect.objectContaining({ key: "stage", value: "2" })]),
  );
});

test("a deployment that fails leaves nothing, and says why", async () => {
  await lab.run(
    "inject",
    "job-fails",
    "command=deployVirtualMachine",
    "code=533",
    "text=no host has 4 vCPU left",
  );
  const failure = await failureOf(engine.create(instanceUrn, wanted));
  expect(failure.text).toContain("no host has 4 vCPU left");
  expect(failure.partial).toBeUndefined();
  expect(await rows("listVirtualMachines")).toEqual([]);
});

test("an answer that is lost on its way asks for no second instance", async () => {
  await lab.run("inject", "connection-reset-after", "command=deployVirtualMachine", "times=1");
  await engine.create(instanceUrn, wanted);
  expect(await rows("listVirtualMachines")).toHaveLength(1);
});

test("an instance that was asked for by a program that was killed is taken up by the next one", async () => {
  await lab.run("inject", "job-stuck", "command=deployVirtualMachine", "times=1");
  const cut = await connected();
  const creating = failureOf(cut.create(instanceUrn, wanted));
  while ((await rows("listVirtualMachines")).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
  await cut.cancel();
  await creating;
  cut.close();
  await lab.kill();
  cloud = await lab.up();
  const next = await connected();
  const { id } = await next.create(instanceUrn, wanted);
  next.close();
  expect((await rows("listVirtualMachines")).map((row) => row.id)).toEqual([id]);
});

test("another state's instance of the same place is left alone", async () => {
  const other = await connected("provider-of-another-state");
  const theirs = await other.create(instanceUrn, wanted);
  const ours = await engine.create(instanceUrn, wanted);
  other.close();
  expect(new Set((await rows("listVirtualMachines")).map((row) => row.id))).toEqual(
    new Set([theirs.id, ours.id]),
  );
});

async function source(keyPairs: string[] = []): Promise<string> {
  return (await engine.create(instanceUrn, { ...wanted, ...(keyPairs.length > 0 && { keyPairs }) })).id;
}

const capture = (instanceId: string): Wire => ({
  instanceId,
  name: "oma-dev-1",
  displayText: "OSSEA Migration Appliance",
  osTypeId,
  tags: { fingerprint: "1" },
});

test("a template is captured from the stopped instance, ready, and without the instance's key", async () => {
  await engine.create(urnOf("cloudstack:index:SshKeyPair", "key"), { name: "builder", publicKey });
  const instanceId = await source(["builder"]);
  const { id, state } = await engine.create(templateUrn, capture(instanceId));
  expect(state).toMatchObject({ name: "oma-dev-1", ready: true, zoneName: "lab-zone" });
  const [template] = await rows("listTemplates", { templatefilter: "self", id });
  expect(template.isready).toBe(true);
  expect(Object.keys(template.details ?? {})).not.toContain("SSH.PublicKey");
  const [machine] = await rows("listVirtualMachines", { id: instanceId });
  expect(machine.state).toBe("Stopped");
  await engine.delete(templateUrn, id, state);
  expect(await captured()).toEqual([]);
});

test("a capture that fails leaves no template", async () => {
  const instanceId = await source();
  await lab.run(
    "inject",
    "job-fails",
    "command=createTemplate",
    "code=530",
    "text=secondary storage is full",
  );
  const failure = await failureOf(engine.create(templateUrn, capture(instanceId)));
  expect(failure.text).toContain("secondary storage is full");
  expect(failure.partial).toBeUndefined();
  expect(await captured()).toEqual([]);
});

test("a capture that was cut off is made anew, and one template is left", async () => {
  const instanceId = await source();
  await lab.run("inject", "job-stuck", "command=createTemplate", "times=1");
  const cut = await connected();
  const creating = failureOf(cut.create(templateUrn, capture(instanceId)));
  while ((await captured()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await cut.cancel();
  await creating;
  cut.close();
  await lab.kill();
  cloud = await lab.up();
  const next = await connected();
  await next.create(templateUrn, capture(instanceId));
  next.close();
  expect(await captured()).toEqual(["oma-dev-1"]);
});

test("a template of the same name that is somebody else's is not touched", async () => {
  const other = await connected("provider-of-another-state");
  const instanceId = await source();
  await other.create(templateUrn, capture(instanceId));
  other.close();
  const { text } = await failureOf(engine.create(templateUrn, capture(instanceId)));
  expect(text).toContain("not this program's");
  expect(await captured()).toEqual(["oma-dev-1"]);
});

test("every fault of the inputs is told, and what is not known yet is none", async () => {
  const { faults } = await engine.check(instanceUrn, {
    zoneId: "",
    networkIds: [],
    rootDiskSize: -1,
    state: "Off",
  });
  expect(Object.keys(faults).sort()).toEqual(
    ["networkIds", "rootDiskSize", "serviceOfferingId", "state", "templateId", "zoneId"].sort(),
  );
  expect((await engine.check(instanceUrn, { ...wanted, templateId: unknownText })).faults).toEqual({});
});

test("without an endpoint or keys the provider says which is missing", async () => {
  const bare = await engineFor({ ...provider, configure: (given) => provider.configure(given) });
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith("CLOUDSTACK_")) delete process.env[name];
  try {
    const { text } = await failureOf(bare.configure({ apiUrl: "http://127.0.0.1:1/client/api" }));
    expect(text).toContain("there is no CLOUDSTACK_API_KEY, no CLOUDSTACK_SECRET_KEY");
  } finally {
    Object.assign(process.env, before);
    bare.close();
  }
});

// The last one: as on the real server, a template that never got ready cannot be deleted.
test("a cloud that says it is done and has no ready template is not believed", async () => {
  const instanceId = await source();
  await lab.run("inject", "template-never-ready", "times=1");
  const failure = await failureOf(engine.create(templateUrn, capture(instanceId), { timeout: 3 }));
  expect(failure.text).toContain("cannot capture the template: oma-dev-1");
  expect(failure.partial?.properties.ready).toBe(false);
});
