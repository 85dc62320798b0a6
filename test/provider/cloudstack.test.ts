/** The CloudStack provider against a real endpoint, the lab's, whose machines are rows only. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { provider } from "../../providers/cloudstack/provider.ts";
import type { Client, Json } from "../lab/support/client.ts";
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

const lab = new LabProcess("none");
const owner = "provider-of-this-state";
const instanceUrn = urnOf("cloudstack:index:Instance", "oma-build-instance");
const templateUrn = urnOf("cloudstack:index:Template", "oma-template");
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG5JF1CQ6qGwKY1tScki0HS7IL8q7f42pMRqqVzXlDDm test";

let cloud: Client;
let engine: OwnEngine;
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
  for (const each of begun.splice(0)) each.close();
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
async function connected(state = owner, other: Wire = {}): Promise<OwnEngine> {
  const made = await engineFor(provider);
  await made.configure({ ...config, ...other }, state);
  return made;
}

const begun: OwnEngine[] = [];

/** Another process of the same state, which has seen none of its objects; ended with the test. */
async function fresh(): Promise<OwnEngine> {
  const made = await connected();
  begun.push(made);
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

test("where the first choice is not there, the next one is taken", async () => {
  const { zoneId } = wanted;
  const args = { name: "Ubuntu 24.04 (lab)", alternatives: ["BeOS 5", "Debian 12 (lab)"], zoneId };
  expect(await engine.invoke("cloudstack:index:getTemplate", args)).toMatchObject({
    name: "Debian 12 (lab)",
  });
  const none = { name: "BeOS 5", alternatives: ["BeOS 4"], zoneId };
  const { text } = await failureOf(engine.invoke("cloudstack:index:getTemplate", none));
  expect(text).toContain("no such template: BeOS 5, or BeOS 4");
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

const named = () => ({ ...wanted, name: "oma-1", displayName: "The first appliance" });

test.each([
  ["a name of the provider's", () => wanted],
  ["the program's name", named],
])(
  "an instance with %s whose deployment was answered but never written down is taken up",
  async (_, inputs) => {
    const cut = await connected();
    const { id } = await cut.create(instanceUrn, inputs());
    cut.close();
    const next = await connected();
    const again = await next.create(instanceUrn, inputs());
    expect(again.id).toBe(id);
    await next.farewell();
    next.close();
    const [machine, ...others] = await rows("listVirtualMachines");
    expect(others).toEqual([]);
    expect(machine.tags.map(({ key }: Json) => key)).toContain("pulumi:key");
  },
);

test("an instance with the program's name that was cut off in the middle is taken up, and gets its display name", async () => {
  await lab.run("inject", "job-stuck", "command=deployVirtualMachine", "times=1");
  const cut = await connected();
  const creating = failureOf(cut.create(instanceUrn, named()));
  while ((await rows("listVirtualMachines")).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
  await cut.cancel();
  await creating;
  cut.close();
  await lab.kill();
  cloud = await lab.up();
  const { id, state } = await (await fresh()).create(instanceUrn, named());
  expect(state).toMatchObject({ name: "oma-1", displayName: "The first appliance" });
  expect((await rows("listVirtualMachines")).map((row) => row.id)).toEqual([id]);
});

test("what was left behind with other inputs is removed", async () => {
  const cut = await connected();
  const { id } = await cut.create(instanceUrn, wanted);
  cut.close();
  const next = await (await fresh()).create(instanceUrn, { ...wanted, rootDiskSize: 50 });
  expect(next.id).not.toBe(id);
  expect((await rows("listVirtualMachines")).map((row) => row.id)).toEqual([next.id]);
});

test("an instance that the state knows is not taken for one that was left behind", async () => {
  const first = await connected();
  const { id } = await first.create(instanceUrn, wanted);
  await first.farewell();
  first.close();
  const second = await (await fresh()).create(instanceUrn, wanted);
  expect(second.id).not.toBe(id);
});

test("a replacement asked for on the command line never takes up what it replaces", async () => {
  const ids = new Set<string>();
  for (let time = 0; time < 3; time++) {
    const forced = await connected();
    await forced.check(instanceUrn, wanted, wanted);
    ids.add((await forced.create(instanceUrn, wanted)).id);
    forced.close();
  }
  expect(ids.size).toBe(3);
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

test("a capture that was answered but never written down is made anew, and one template is left", async () => {
  const instanceId = await source();
  const cut = await connected();
  await cut.create(templateUrn, capture(instanceId));
  cut.close();
  const { id } = await (await fresh()).create(templateUrn, capture(instanceId));
  expect(
    (await rows("listTemplates", { templatefilter: "self", name: "oma-dev-1" })).map((row) => row.id),
  ).toEqual([id]);
});

test("a template that is not ready yet is told from one that is not there, the newest of a name is taken", async () => {
  const instanceId = await source();
  const look = { name: "oma-dev-1", zoneId: wanted.zoneId, filter: "self" };
  const older = await engine.create(templateUrn, { ...capture(instanceId), name: "older" });
  await cloud.call("updateTemplate", { id: older.id, name: "oma-dev-1" });
  await new Promise((resolve) => setTimeout(resolve, 1100 - (Date.now() % 1000)));
  const newer = await engine.create(urnOf("cloudstack:index:Template", "newer"), {
    ...capture(instanceId),
    name: "newer",
  });
  await cloud.call("updateTemplate", { id: newer.id, name: "oma-dev-1" });
  expect(await engine.invoke("cloudstack:index:getTemplate", look)).toMatchObject({ id: newer.id });
  await lab.run("inject", "job-stuck", "command=createTemplate", "times=1");
  const volumes = await rows("listVolumes", { virtualmachineid: instanceId });
  await cloud.call("createTemplate", {
    name: "unready",
    displaytext: "x",
    volumeid: volumes[0].id,
    ostypeid: osTypeId,
  });
  const { text } = await failureOf(
    engine.invoke("cloudstack:index:getTemplate", { ...look, name: "unready" }),
  );
  expect(text).toContain("the template is not ready: unready");
  await lab.kill();
  cloud = await lab.up();
});

test("a key pair is its name and its key: the same one is taken up, another key under the name is refused", async () => {
  const urn = urnOf("cloudstack:index:SshKeyPair", "key");
  await engine.create(urn, { name: "builder", publicKey });
  const again = await engine.create(urn, { name: "builder", publicKey });
  expect(again.id).toBe("builder");
  const other = publicKey.replace("5JF1", "5JF2");
  const { text } = await failureOf(engine.create(urn, { name: "builder", publicKey: other }));
  expect(text).toContain("with another key");
});

test("a template may be replaced by one of its name", async () => {
  const instanceId = await source();
  const old = await engine.create(templateUrn, capture(instanceId));
  await engine.farewell();
  const next = await fresh();
  const known = { inputs: capture(instanceId), state: old.state };
  await next.diff(templateUrn, old.id, known, { ...capture(instanceId), triggers: { seal: "2" } });
  const made = await next.create(templateUrn, { ...capture(instanceId), triggers: { seal: "2" } });
  expect(made.id).not.toBe(old.id);
  await next.delete(templateUrn, old.id, old.state);
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

const zone = { name: "lab-zone" };
const asked = async (other: Wire) => {
  const trying = await connected(owner, other);
  const { text } = await failureOf(trying.invoke("cloudstack:index:getZone", zone));
  trying.close();
  return text;
};

test("wrong keys are told as such, without showing them", async () => {
  const text = await asked({ secretKey: secret("a-wrong-secret-key") });
  expect(text).toMatch(/^cannot look up the zone: lab-zone\n {2}because: .*401/u);
  expect(text).toContain("next:    check CLOUDSTACK_API_KEY and CLOUDSTACK_SECRET_KEY");
  expect(text).not.toContain("a-wrong-secret-key");
});

test("a clock that is off is told with how far, and not as wrong keys", async () => {
  await lab.run("inject", "clock-skew", "seconds=-4000");
  const text = await asked({});
  expect(text).toMatch(/because: .*this computer's clock is (3999|4000|4001) s ahead of the server's/u);
  expect(text).toContain("timedatectl");
});

test("an endpoint that is down, and one that is no cloud, are told with their address", async () => {
  expect(await asked({ apiUrl: "http://127.0.0.1:9/client/api" })).toMatch(
    /because: listZones at 127\.0\.0\.1:9 said: ECONNREFUSED[\s\S]*curl -sv http:\/\/127\.0\.0\.1:9\/client\/api/u,
  );
  const other = createServer((_, answer) => answer.writeHead(404).end("<html>Not here</html>"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const text = await asked({ apiUrl: `http://127.0.0.1:${port}/` });
  expect(text).toContain("HTTP 404: <html>Not here</html>");
  expect(text).toContain("usually ends in /client/api");
  const silent = await asked({ apiUrl: await silentUrl(other), requestTimeoutSeconds: 1 });
  expect(silent).toContain("no answer in 1 s");
  other.closeAllConnections();
  other.close();
});

async function silentUrl(server: Server): Promise<string> {
  server.removeAllListeners("request");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test("a job that does not end in time is named; what it was to make stays in the state", async () => {
  await lab.run("inject", "job-stuck", "command=deployVirtualMachine", "times=1");
  const hasty = await connected(owner, { jobTimeoutSeconds: 1 });
  const failure = await failureOf(hasty.create(instanceUrn, wanted));
  hasty.close();
  const [machine] = await rows("listVirtualMachines");
  expect(failure.partial?.id).toBe(machine.id);
  expect(failure.text).toMatch(/because: job [0-9a-f-]{36} still runs after 1 s/u);
  expect(failure.text).toContain("jobTimeoutSeconds");
  await lab.kill();
  cloud = await lab.up();
});

// The last one: as on the real server, a template that never got ready cannot be deleted.
test("a cloud that says it is done and has no ready template is not believed", async () => {
  const instanceId = await source();
  await lab.run("inject", "template-never-ready", "times=1");
  const failure = await failureOf(engine.create(templateUrn, capture(instanceId), { timeout: 3 }));
  expect(failure.text).toContain("cannot capture the template: oma-dev-1");
  expect(failure.partial?.properties.ready).toBe(false);
});
