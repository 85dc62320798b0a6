/** Templates: what they are made of, what is theirs to keep, and a capture that is disturbed. */
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { provider } from "../../providers/cloudstack/provider.ts";
import { Client, type Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { engineFor, failureOf, type OwnEngine, unknownText, urnOf, type Wire } from "./support/engine.ts";

const lab = new LabProcess("none");
const urn = urnOf("cloudstack:index:Template", "thing");
const snapshotUrn = urnOf("cloudstack:index:VolumeSnapshot", "snapshot");
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG5JF1CQ6qGwKY1tScki0HS7IL8q7f42pMRqqVzXlDDm test";
let cloud: Client;
let engine: OwnEngine;
let config: Wire;
let instance: Json;
let volumeId: string;
let inputs: Wire;

beforeAll(async () => {
  cloud = await lab.up();
  const { url, apiKey, secretKey } = cloud.target;
  config = { apiUrl: url, apiKey, secretKey, jobTimeoutSeconds: 20 };
  engine = await connected();
  await cloud.call("registerSSHKeyPair", { name: "builder", publickey: publicKey }, "POST");
  instance = await cloud.deploy({ name: "source", keypairs: "builder", "details[0].nicAdapter": "E1000" });
  volumeId = (await cloud.call("listVolumes", { virtualmachineid: instance.id })).volume[0].id;
  const { ostypeid } = await cloud.world();
  inputs = { instanceId: instance.id, displayText: "An appliance", osTypeId: ostypeid };
});
afterEach(async () => {
  await lab.control.clearFaults();
  for (const { id } of await templates()) await cloud.job("deleteTemplate", { id, forced: true });
});
afterAll(async () => {
  engine.close();
  await lab.end();
});

async function connected(): Promise<OwnEngine> {
  const each = await engineFor(provider);
  await each.configure(config, "this-state");
  return each;
}

async function somebody(username: string): Promise<Client> {
  const person = {
    username,
    password: `${username}-knows`,
    firstname: "x",
    lastname: "x",
    email: "x@example.org",
  };
  const { account } = await cloud.call("createAccount", { ...person, accounttype: 0 });
  const { userkeys } = await cloud.call("registerUserKeys", { id: account.user[0].id });
  return new Client({ url: cloud.target.url, apiKey: userkeys.apikey, secretKey: userkeys.secretkey });
}

async function templates(): Promise<Json[]> {
  const { template = [] } = await cloud.call("listTemplates", { templatefilter: "self", listall: true });
  return template.filter(({ name }: Json) => !name.endsWith("(lab)"));
}

async function unchanged(id: string, state: Wire, given = inputs): Promise<void> {
  const seen = await engine.read(urn, id, { inputs: given, state });
  expect(seen.inputs).toEqual(given);
  expect((await engine.diff(urn, id, { inputs: given, state: seen.state }, given)).changes).toBe(false);
}

test("of the instance's details only those that were asked for are left", async () => {
  const { id, state } = await engine.create(urn, { ...inputs, details: { rootDiskController: "virtio" } });
  const [row] = await templates();
  expect(row.details).toEqual({ rootDiskController: "virtio" });
  await engine.delete(urn, id, state);
  const plain = await engine.create(urn, inputs);
  expect((await templates())[0].details ?? {}).toEqual({});
  await unchanged(plain.id, plain.state);
});

test("a snapshot and a volume are sources too, and the instance may run meanwhile with a snapshot", async () => {
  await cloud.job("stopVirtualMachine", { id: instance.id });
  const snapshot = await engine.create(snapshotUrn, { volumeId });
  await cloud.job("startVirtualMachine", { id: instance.id });
  const { instanceId: _, ...rest } = inputs;
  const ofSnapshot = await engine.create(urn, { ...rest, snapshotId: snapshot.id });
  expect(ofSnapshot.state).toMatchObject({ ready: true });
  expect((await cloud.call("listVirtualMachines", { id: instance.id })).virtualmachine[0].state).toBe(
    "Running",
  );
  await engine.delete(urn, ofSnapshot.id, ofSnapshot.state);
  const ofVolume = await engine.create(urn, { ...rest, volumeId });
  expect(ofVolume.state).toMatchObject({ ready: true, sourceVolumeId: volumeId });
});

test("one source is wanted, and not two", async () => {
  const { instanceId, ...rest } = inputs;
  expect((await engine.check(urn, rest)).faults).toEqual({
    instanceId: expect.stringContaining("is required"),
  });
  expect((await engine.check(urn, { ...rest, instanceId, volumeId })).faults).toEqual({
    volumeId: expect.stringContaining("beside instanceId"),
  });
});

test("an instance that is started while it is captured spoils the capture, and nothing is left", async () => {
  await lab.control.arm("job-slow", { command: "createTemplate", seconds: "1.5" });
  const failing = failureOf(engine.create(urn, inputs));
  while ((await templates()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  while (
    (await cloud.call("listTemplates", { templatefilter: "self" })).template.every((row: Json) => !row.size)
  )
    await new Promise((resolve) => setTimeout(resolve, 10));
  await cloud.job("startVirtualMachine", { id: instance.id });
  const failure = await failing;
  expect(failure.text).toContain("source was started while its disk was copied");
  expect(failure.partial).toBeUndefined();
  expect(await templates()).toEqual([]);
});

/** The lab's disks without guests hold the names of their layers: this is on every captured one, and that on none. */
const onDisk = { "the build's password": "none-base\ntemplate-" };
const notOnDisk = { "the build's password": "canary-0123456789" };

test("a disk without the forbidden texts is said to be searched, in a state that hides them", async () => {
  const given = { ...inputs, forbiddenTexts: notOnDisk, searchRequired: true };
  const { id, state } = await engine.create(urn, given);
  expect(state.diskSearch).toMatch(/^\d+ bytes searched for 1 texts, none found$/u);
  expect(JSON.stringify(state.forbiddenTexts)).toContain("4dabf18193072939515e22adb298388d");
  const seen = await engine.read(urn, id, { inputs: given, state });
  const again = { inputs: given, state: { ...seen.state, forbiddenTexts: notOnDisk } };
  expect((await engine.diff(urn, id, again, given)).changes).toBe(false);
});

test("a forbidden text on the disk: the template is gone, and neither message nor state has the text", async () => {
  const failure = await failureOf(engine.create(urn, { ...inputs, forbiddenTexts: onDisk }));
  expect(failure.text).toContain("a secret of the build is in the template, which was therefore deleted");
  expect(failure.text).toContain("the build's password (1 places, first at byte 0)");
  expect(failure.text).not.toContain("none-base");
  expect(failure.partial).toBeUndefined();
  expect(await templates()).toEqual([]);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith("template-search-"))).toEqual([]);
});

test("a disk that the cloud does not hand out is said not to be searched, or the template goes where it must be", async () => {
  const alice = await somebody("alice");
  const theirs = await engineFor(provider);
  await theirs.configure(
    { ...config, apiKey: alice.target.apiKey, secretKey: alice.target.secretKey },
    "hers",
  );
  const own = await alice.deploy({ name: "hers" });
  const given = { ...inputs, instanceId: own.id, forbiddenTexts: onDisk };
  const { id, state } = await theirs.create(urn, given);
  expect(state.diskSearch).toContain("not searched: extractTemplate said: Unable to extract Template");
  await theirs.delete(urn, id, state);
  const failure = await failureOf(theirs.create(urn, { ...given, searchRequired: true }));
  expect(failure.text).toContain("could not be searched for secrets of the build");
  expect([failure.partial, await templates()]).toEqual([undefined, []]);
  theirs.close();
});

test("texts that chance would find are refused", async () => {
  const short = { ...inputs, forbiddenTexts: { password: "short" } };
  expect((await engine.check(urn, short)).faults).toEqual({
    forbiddenTexts: "must be texts of at least 12 characters, by name",
  });
});

test("a job whose end nobody knows is settled by looking at the template", async () => {
  await lab.control.arm("job-lost", { command: "createTemplate" });
  const { state } = await engine.create(urn, inputs);
  expect(state.ready).toBe(true);
  expect(await templates()).toHaveLength(1);
});

test("flags, permissions, name and details move in place", async () => {
  const { id, state } = await engine.create(urn, inputs);
  const news = {
    ...inputs,
    name: "renamed",
    displayText: "Another text",
    passwordEnabled: true,
    sshKeyEnabled: true,
    dynamicallyScalable: true,
    requiresHvm: false,
    public: true,
    featured: true,
    extractable: true,
    details: { rootDiskController: "scsi" },
    tags: { stage: "2" },
  };
  const difference = await engine.diff(urn, id, { inputs, state }, news);
  expect(difference.replaces).toEqual([]);
  const after = await engine.update(urn, id, { inputs, state }, news);
  expect((await templates())[0]).toMatchObject({
    name: "renamed",
    displaytext: "Another text",
    passwordenabled: true,
    sshkeyenabled: true,
    isdynamicallyscalable: true,
    requireshvm: false,
    ispublic: true,
    isfeatured: true,
    isextractable: true,
    details: { rootDiskController: "scsi" },
  });
  await unchanged(id, after, news);
  await engine.update(urn, id, { inputs: news, state: after }, inputs);
  expect((await templates())[0]).toMatchObject({
    passwordenabled: false,
    ispublic: false,
    requireshvm: true,
  });
});

test("flags that somebody else moved are seen", async () => {
  const given = { ...inputs, public: false };
  const { id, state } = await engine.create(urn, given);
  await cloud.call("updateTemplatePermissions", { id, ispublic: true });
  const seen = await engine.read(urn, id, { inputs: given, state });
  expect(seen.inputs.public).toBe(true);
  const difference = await engine.diff(urn, id, { inputs: seen.inputs, state: seen.state }, given);
  expect(difference.detailed).toEqual({ public: "UPDATE" });
});

test("delete protection and instances that stand on it keep it, force does not ask", async () => {
  const guarded = { ...inputs, deleteProtection: true };
  const { id, state } = await engine.create(urn, guarded);
  expect((await failureOf(engine.delete(urn, id, state, guarded))).text).toContain("has delete protection");
  const after = await engine.update(urn, id, { inputs: guarded, state }, inputs);
  const user = await cloud.deploy({ name: "user", templateid: id });
  const refused = await failureOf(engine.delete(urn, id, after, inputs));
  expect(refused.text).toContain("are using it");
  expect(refused.text).toContain("or set forceDelete");
  const forced = { ...inputs, forceDelete: true };
  const last = await engine.update(urn, id, { inputs, state: after }, forced);
  await engine.delete(urn, id, last, forced);
  expect(await templates()).toEqual([]);
  await cloud.job("destroyVirtualMachine", { id: user.id, expunge: true });
});

test("imported, it is no other one for a program that names what it was made of", async () => {
  const { id } = await engine.create(urn, inputs);
  const imported = await engine.read(urn, id);
  const difference = await engine.diff(urn, id, { inputs: imported.inputs, state: imported.state }, inputs);
  expect(difference.replaces).toEqual([]);
});

test("what is not known yet is no fault", async () => {
  const open = { ...inputs, instanceId: unknownText, osTypeId: unknownText };
  expect((await engine.check(urn, open)).faults).toEqual({});
  await engine.create(urn, open, { preview: true });
});
