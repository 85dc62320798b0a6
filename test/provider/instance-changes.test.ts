/** Changes of an instance in place: what is done to it, what it costs, and that it runs again whatever happens. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { provider } from "../../providers/cloudstack/provider.ts";
import { updateCosts } from "../../providers/cloudstack/resources/instance-changes.ts";
import type { Client, Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { engineFor, failureOf, type OwnEngine, urnOf, type Wire } from "./support/engine.ts";

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
  const stops = (await cloud.call("listAsyncJobs", { startdate: "2020-01-01" })).asyncjobs.filter(
    ({ cmd, jobinstanceid }: Json) => cmd.endsWith("StopVMCmdByAdmin") && jobinstanceid === id,
  );
  expect(stops).toHaveLength(1);
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
      if (asyncjobs?.some(({ cmd }: Json) => cmd.endsWith("ResizeVolumeCmd"))) resolve();
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
  expect(updateCosts(old("Running"), [moved("serviceOfferingId"), moved("rootDiskSize")])).toEqual([
    "oma-1 is stopped and started again: its service offering changes; its root disk grows",
  ]);
  expect(updateCosts(old("Stopped"), [moved("keyPairs")])).toEqual([
    "oma-1 stays stopped: it is given other SSH keys",
  ]);
  expect(updateCosts(old("Running"), [moved("tags"), moved("displayName")])).toEqual([]);
});
