/** Changes of an instance in place: what is done to it, what it costs, and that it runs again whatever happens. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { provider } from "../../providers/cloudstack/provider.ts";
import { updateCosts } from "../../providers/cloudstack/resources/instance-changes.ts";
import type { Client, Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { Door } from "./support/door.ts";
import { engineFor, failureOf, type OwnEngine, secret, urnOf, type Wire } from "./support/engine.ts";

const lab = new LabProcess("none");
const urn = urnOf("cloudstack:index:Instance", "thing");
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG5JF1CQ6qGwKY1tScki0HS7IL8q7f42pMRqqVzXlDDm test";
let cloud: Client;
let engine: OwnEngine;
let inputs: Wire;
let offerings: Record<string, string>;

beforeAll(async () => {
  cloud = await lab.up();
  const { url, apiKey, secretKey } = cloud.target;
  engine = await engineFor(provider);
  await engine.configure({ apiUrl: url, apiKey, secretKey, jobTimeoutSeconds: 20 }, "this-state");
  const world = await cloud.world();
  const { serviceoffering } = await cloud.call("listServiceOfferings");
  offerings = Object.fromEntries(serviceoffering.map(({ name, id }: Json) => [name, id]));
  await cloud.call("registerSSHKeyPair", { name: "one", publickey: publicKey }, "POST");
  inputs = {
    zoneId: world.zoneid,
    serviceOfferingId: offerings["1 vCPU, 1 GiB"],
    templateId: world.templateid,
    networkIds: [world.networkids],
    rootDiskSize: 10,
    details: { rootDiskController: "scsi" },
  };
});
afterEach(() => lab.control.clearFaults());
afterAll(async () => {
  engine.close();
  await lab.end();
});

async function found(id: string): Promise<Json> {
  return (await cloud.call("listVirtualMachines", { id, userdata: true })).virtualmachine[0];
}

async function stopsOf(id: string): Promise<Json[]> {
  const { asyncjobs } = await cloud.call("listAsyncJobs", { startdate: "2020-01-01" });
  return asyncjobs.filter(
    ({ cmd, jobinstanceid }: Json) => cmd.endsWith("StopVMCmdByAdmin") && jobinstanceid === id,
  );
}

async function updated(news: Wire, olds: Wire = inputs) {
  const { id, state } = await engine.create(urn, olds);
  const after = await engine.update(urn, id, { inputs: olds, state }, news);
  const seen = await engine.read(urn, id, { inputs: news, state: after });
  expect(seen.inputs).toEqual(news);
  expect((await engine.diff(urn, id, { inputs: news, state: seen.state }, news)).changes).toBe(false);
  return { id, state: after };
}

test("everything that needs a stop is done in one, and the instance runs again", async () => {
  const group = await cloud.job("createAffinityGroup", { name: "apart", type: "host anti-affinity" });
  const news = {
    ...inputs,
    serviceOfferingId: offerings["2 vCPU, 4 GiB"],
    keyPairs: ["one"],
    userData: "#cloud-config\n",
    rootDiskSize: 20,
    details: { rootDiskController: "virtio" },
    affinityGroupIds: [group.affinitygroup.id],
    displayName: "The thing",
  };
  const { id, state } = await updated(news);
  const row = await found(id);
  expect(row).toMatchObject({
    state: "Running",
    serviceofferingname: "2 vCPU, 4 GiB",
    keypairs: "one",
    displayname: "The thing",
  });
  expect(row.details).toMatchObject({ rootDiskController: "virtio", "SSH.KeyPairNames": "one" });
  expect(row.affinitygroup.map(({ name }: Json) => name)).toEqual(["apart"]);
  expect(Buffer.from(row.userdata, "base64").toString()).toBe("#cloud-config\n");
  expect(state).toMatchObject({
    rootDiskSize: 20,
    actualState: "Running",
    serviceOfferingName: "2 vCPU, 4 GiB",
  });
  expect(await stopsOf(id)).toHaveLength(1);
});

test("an instance that is to be stopped is changed and stays stopped", async () => {
  const olds = { ...inputs, state: "Stopped" };
  const { id } = await updated({ ...olds, serviceOfferingId: offerings["2 vCPU, 4 GiB"] }, olds);
  expect(await found(id)).toMatchObject({ state: "Stopped", serviceofferingname: "2 vCPU, 4 GiB" });
});

test("a change that fails half-way leaves it running", async () => {
  const { id, state } = await engine.create(urn, inputs);
  await lab.control.arm("job-fails", { command: "resizeVolume", code: "530", text: "the storage is full" });
  const news = { ...inputs, serviceOfferingId: offerings["2 vCPU, 4 GiB"], rootDiskSize: 30 };
  const { text } = await failureOf(engine.update(urn, id, { inputs, state }, news));
  expect(text).toContain("the storage is full");
  expect((await found(id)).state).toBe("Running");
  await lab.control.clearFaults();
  const after = await engine.update(urn, id, { inputs, state }, news);
  expect(after).toMatchObject({ rootDiskSize: 30, actualState: "Running" });
});

test("cancelled while it is stopped for a change, it is started again", async () => {
  const other = await engineFor(provider);
  const { url, apiKey, secretKey } = cloud.target;
  await other.configure({ apiUrl: url, apiKey, secretKey }, "this-state");
  const { id, state } = await other.create(urn, inputs);
  await lab.control.arm("job-stuck", { command: "resizeVolume" });
  const updating = failureOf(other.update(urn, id, { inputs, state }, { ...inputs, rootDiskSize: 40 }));
  while ((await found(id)).state !== "Stopped") await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise<void>((resolve) => {
    const look = async () => {
      const { asyncjobs } = await cloud.call("listAsyncJobs");
      if (asyncjobs?.some(({ cmd }: Json) => cmd.includes("ResizeVolumeCmd"))) resolve();
      else setTimeout(look, 10);
    };
    void look();
  });
  await other.cancel();
  await updating;
  other.close();
  expect((await found(id)).state).toBe("Running");
});

test("a smaller root disk replaces; what is no longer said stays as it is", async () => {
  const { id, state } = await engine.create(urn, inputs);
  const smaller = await engine.diff(urn, id, { inputs, state }, { ...inputs, rootDiskSize: 5 });
  expect(smaller.replaces).toEqual(["rootDiskSize"]);
  const { rootDiskSize: _, details: __, ...less } = inputs;
  expect((await engine.diff(urn, id, { inputs, state }, less)).changes).toBe(false);
});

test("an imported instance has no difference to a program that says the same", async () => {
  const { id } = await engine.create(urn, inputs);
  const imported = await engine.read(urn, id);
  const { details: _, ...said } = inputs;
  const difference = await engine.diff(urn, id, { inputs: imported.inputs, state: imported.state }, said);
  expect(difference.changes).toBe(false);
});

test("delete protection is set, refuses, and is taken away in place", async () => {
  const guarded = { ...inputs, deleteProtection: true };
  const { id, state } = await engine.create(urn, guarded);
  expect((await found(id)).deleteprotection).toBe(true);
  const { text } = await failureOf(engine.delete(urn, id, state, guarded));
  expect(text).toContain("set deleteProtection to false for thing");
  const free = { ...inputs, deleteProtection: false };
  const after = await engine.update(urn, id, { inputs: guarded, state }, free);
  await engine.delete(urn, id, after, free);
  expect(await cloud.call("listVirtualMachines", { id })).toEqual({});
});

test("a server that knows of no delete protection shows none, which is no drift", async () => {
  const door = await Door.before(cloud.target);
  const other = await engineFor(provider);
  const { apiKey, secretKey } = cloud.target;
  await other.configure({ apiUrl: door.url, apiKey, secretKey }, "this-state");
  door.trap = {
    change(_, { listvirtualmachinesresponse: list }) {
      for (const row of list?.virtualmachine ?? []) delete row.deleteprotection;
    },
  };
  const guarded = { ...inputs, deleteProtection: true };
  const { id, state } = await other.create(urn, guarded);
  const seen = await other.read(urn, id, { inputs: guarded, state });
  const known = { inputs: seen.inputs, state: seen.state };
  expect((await other.diff(urn, id, known, guarded)).changes).toBe(false);
  other.close();
  door.close();
  const free = { ...inputs, deleteProtection: false };
  await engine.delete(urn, id, await engine.update(urn, id, known, free), free);
});

test("user data of both kinds is one too many", async () => {
  const { faults } = await engine.check(urn, { ...inputs, userData: "a", userDataId: "b" });
  expect(Object.keys(faults)).toEqual(["userDataId"]);
});

test("the preview says what an update costs", () => {
  const moved = (property: string) => ({
    path: [property],
    property,
    kind: "update" as const,
    replace: false,
  });
  const old = (actualState: string) =>
    ({ id: "1", inputs: {}, state: { name: "oma-1", actualState } }) as Parameters<typeof updateCosts>[0];
  const costs = (now: string, moves: string[], state?: "Running" | "Stopped") =>
    updateCosts(old(now), { state } as Parameters<typeof updateCosts>[1], moves.map(moved));
  expect(costs("Running", ["serviceOfferingId", "rootDiskSize"])).toEqual([
    "oma-1 is stopped and started again: its service offering changes; its root disk grows",
  ]);
  expect(costs("Stopped", ["keyPairs"])).toEqual(["oma-1 stays stopped: it is given other SSH keys"]);
  expect(costs("Running", ["details"], "Stopped")).toEqual(["oma-1 is stopped: its details change"]);
  expect(costs("Stopped", ["details"], "Running")).toEqual([
    "oma-1 is started afterwards: its details change",
  ]);
  expect(costs("Running", ["tags", "displayName"])).toEqual([]);
});

test("an update that was killed while the instance was stopped: the next one starts it again", async () => {
  const { id, state } = await engine.create(urn, inputs);
  await cloud.job("stopVirtualMachine", { id });
  const news = { ...inputs, rootDiskSize: 30 };
  const after = await engine.update(urn, id, { inputs, state }, news);
  expect(after).toMatchObject({ rootDiskSize: 30, actualState: "Running" });
  // Killed after the change and before the start.
  await cloud.job("stopVirtualMachine", { id });
  expect(await engine.update(urn, id, { inputs, state }, news)).toMatchObject({ actualState: "Running" });
  // Somebody stopped it, and the state knows: it is theirs.
  await cloud.job("stopVirtualMachine", { id });
  const seen = await engine.read(urn, id, { inputs: news, state: after });
  const found = { inputs: seen.inputs, state: seen.state };
  const last = await engine.update(urn, id, found, { ...news, rootDiskSize: 40 });
  expect(last).toMatchObject({ rootDiskSize: 40, actualState: "Stopped" });
});

test("cancelled while it is being stopped, it is started again once it is", async () => {
  const door = await Door.before(cloud.target);
  const other = await engineFor(provider);
  const { apiKey, secretKey } = cloud.target;
  await other.configure({ apiUrl: door.url, apiKey, secretKey }, "this-state");
  const { id, state } = await other.create(urn, inputs);
  const stopping = new Set<string | null>();
  const holds = Promise.withResolvers<void>();
  door.trap = {
    change(asked, { queryasyncjobresultresponse: job }) {
      if (asked.get("command") === "stopVirtualMachine") stopping.add(asked.get("customjobid"));
      if (!stopping.has(asked.get("jobid"))) return;
      Object.assign(job, { jobstatus: 0, jobresult: undefined });
      holds.resolve();
    },
  };
  const updating = failureOf(other.update(urn, id, { inputs, state }, { ...inputs, rootDiskSize: 40 }));
  await holds.promise;
  await other.cancel();
  door.trap = {};
  await updating;
  other.close();
  door.close();
  expect((await found(id)).state).toBe("Running");
});

test("a change whose job says that it is done, and that is not there, is not believed", async () => {
  const door = await Door.before(cloud.target);
  const other = await engineFor(provider);
  const { apiKey, secretKey } = cloud.target;
  await other.configure({ apiUrl: door.url, apiKey, secretKey }, "this-state");
  const { id, state } = await other.create(urn, inputs);
  door.trap = {
    answer: (asked) =>
      asked.get("command") === "resizeVolume"
        ? { resizevolumeresponse: { jobid: "lost" } }
        : asked.get("jobid") === "lost"
          ? { queryasyncjobresultresponse: { jobid: "lost", jobstatus: 2, jobresultcode: 530 } }
          : undefined,
  };
  const { text } = await failureOf(other.update(urn, id, { inputs, state }, { ...inputs, rootDiskSize: 40 }));
  expect(text).toContain("shows it as before: its root disk grows");
  expect((await found(id)).state).toBe("Running");
  other.close();
  door.close();
});

test("what is changed already is not changed again, and nothing is stopped for it", async () => {
  const { id, state } = await engine.create(urn, { ...inputs, userData: "#cloud-config\n" });
  const { rootDiskSize: _, details: __, ...less } = inputs;
  const news = { ...inputs, userData: "#cloud-config\n" };
  const after = await engine.update(urn, id, { inputs: less, state }, news);
  expect(after).toMatchObject({ actualState: "Running" });
  expect(await stopsOf(id)).toHaveLength(0);
});

test("protection that the program no longer asks for goes, a display name that it never chose stays", async () => {
  const guarded = { ...inputs, deleteProtection: true };
  const { id, state } = await engine.create(urn, guarded);
  expect((await found(id)).deleteprotection).toBe(true);
  await cloud.call("updateVirtualMachine", { id, displayname: "My machine" });
  const seen = await engine.read(urn, id, { inputs: guarded, state });
  const known = { inputs: seen.inputs, state: seen.state };
  const open = await engine.update(urn, id, known, { ...inputs, tags: { team: "one" } });
  expect(await found(id)).toMatchObject({ deleteprotection: false, displayname: "My machine" });
  await engine.delete(urn, id, open, inputs);
});

test("imported, it is not replaced for an address, keys, groups or networks that the program says as they are", async () => {
  const { affinitygroup } = await cloud.job("createAffinityGroup", { name: "import", type: "host affinity" });
  const given = { ...inputs, keyPairs: ["one"], affinityGroupIds: [affinitygroup.id] };
  const { id, state } = await engine.create(urn, given);
  const imported = await engine.read(urn, id);
  const known = { inputs: imported.inputs, state: imported.state };
  const { details: _, ...said } = inputs;
  const { keyPairs, affinityGroupIds } = given;
  const news = { ...said, keyPairs, affinityGroupIds, ipAddress: state.ipAddress };
  expect((await engine.diff(urn, id, known, news)).changes).toBe(false);
});

test("keys, groups and details that somebody else took away are missed", async () => {
  const { affinitygroup } = await cloud.job("createAffinityGroup", { name: "missed", type: "host affinity" });
  const given = { ...inputs, state: "Stopped", affinityGroupIds: [affinitygroup.id] };
  const { id, state } = await engine.create(urn, given);
  await cloud.job("updateVMAffinityGroup", { id, affinitygroupids: "" });
  await cloud.call("updateVirtualMachine", { id, "details[0].rootDiskController": "virtio" });
  const seen = await engine.read(urn, id, { inputs: given, state });
  const known = { inputs: seen.inputs, state: seen.state };
  expect((await engine.diff(urn, id, known, given)).detailed).toEqual({
    "affinityGroupIds[0]": "ADD",
    "details.rootDiskController": "UPDATE",
  });
});

test("a user who may only read some of the details changes the others", async () => {
  const door = await Door.before(cloud.target);
  const other = await engineFor(provider);
  const { apiKey, secretKey } = cloud.target;
  await other.configure({ apiUrl: door.url, apiKey, secretKey }, "this-state");
  const given = { ...inputs, details: { rootDiskController: "scsi", note: "a", more: "b" } };
  const { id, state } = await other.create(urn, given);
  const controller = "details[0].rootDiskController";
  // As CloudStack does it: what a user must not say, it keeps.
  door.trap = {
    refuse: (asked) =>
      asked.get("command") === "updateVirtualMachine" && asked.has(controller) ? 431 : undefined,
    change(_, { listvirtualmachinesresponse: list }) {
      for (const row of list?.virtualmachine ?? [])
        Object.assign(row, {
          readonlydetails: "dataDiskController, rootDiskController",
        }).details.rootDiskController = "scsi";
    },
  };
  const news = { ...inputs, details: { rootDiskController: "scsi", note: "c" } };
  await other.update(urn, id, { inputs: given, state }, news);
  const after = await found(id);
  expect(after.details).toMatchObject({ note: "c" });
  expect(after.details).not.toHaveProperty("more");
  const others = { ...inputs, details: { rootDiskController: "virtio", note: "c" } };
  const { text } = await failureOf(other.update(urn, id, { inputs: news, state }, others));
  expect(text).toContain("(431)");
  other.close();
  door.close();
});

test("to have no keys any more, and no empty list in place of none, replaces", async () => {
  const given = { ...inputs, keyPairs: ["one"] };
  const state = { ...given, name: "n", actualState: "Running", rootDiskSize: 10 };
  const none = await engine.diff(urn, "1", { inputs: given, state }, { ...inputs, keyPairs: [] });
  expect(none.replaces).toEqual(["keyPairs"]);
  const empty = { ...inputs, keyPairs: [], securityGroupIds: [], affinityGroupIds: [] };
  expect((await engine.diff(urn, "1", { inputs, state }, empty)).changes).toBe(false);
  expect((await engine.diff(urn, "1", { inputs: empty, state }, inputs)).changes).toBe(false);
});

test("user data that is no longer said replaces: CloudStack takes none away", async () => {
  const given = { ...inputs, userData: "#cloud-config\n" };
  const state = { ...given, name: "n", actualState: "Running", rootDiskSize: 10 };
  expect((await engine.diff(urn, "1", { inputs: given, state }, inputs)).replaces).toEqual(["userData"]);
});

test("in a preview of new tags its address is known, so that nothing that uses it is shown as changed", async () => {
  const { id, state } = await engine.create(urn, inputs);
  const news = { ...inputs, tags: { team: "two" } };
  const told = await engine.update(urn, id, { inputs, state }, news, { preview: true });
  const { name, ipAddress, rootVolumeId, displayName } = state;
  expect(told).toMatchObject({ name, ipAddress, rootVolumeId, displayName });
});

test("a password that CloudStack made is a secret output, and stays one", async () => {
  const source = await cloud.deploy({ name: "source" });
  await cloud.job("stopVirtualMachine", { id: source.id });
  const [volume] = (await cloud.call("listVolumes", { virtualmachineid: source.id })).volume;
  const { ostypeid } = await cloud.world();
  const { template } = await cloud.job("createTemplate", {
    name: "with-passwords",
    displaytext: "t",
    ostypeid,
    volumeid: volume.id,
    passwordenabled: true,
  });
  const given = { ...inputs, templateId: template.id };
  const { id, state } = await engine.create(urn, given);
  expect(state.password).toEqual(secret(expect.stringMatching(/.{6,}/u)));
  const seen = await engine.read(urn, id, { inputs: given, state });
  expect(seen.state.password).toEqual(state.password);
  const after = await engine.update(urn, id, { inputs: given, state }, { ...given, tags: { a: "b" } });
  expect(after.password).toEqual(state.password);
});

test("the offering of custom size is told the size that the details say", async () => {
  const door = await Door.before(cloud.target);
  const other = await engineFor(provider);
  const { apiKey, secretKey } = cloud.target;
  await other.configure({ apiUrl: door.url, apiKey, secretKey }, "this-state");
  const { id, state } = await other.create(urn, inputs);
  const details = { rootDiskController: "scsi", cpuNumber: "3", memory: "2048" };
  const news = { ...inputs, serviceOfferingId: offerings["2 vCPU, 4 GiB"], details };
  await other.update(urn, id, { inputs, state }, news);
  const scaled = door.asked.find(({ parameters }) => parameters.get("command") === "scaleVirtualMachine");
  const sent = Object.fromEntries(scaled?.parameters ?? []);
  expect(sent).toMatchObject({ "details[0].cpuNumber": "3", "details[0].memory": "2048" });
  expect(sent).not.toHaveProperty("details[0].rootDiskController");
  other.close();
  door.close();
});
