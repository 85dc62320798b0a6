/**
 * What has gone wrong on real clouds with captures, deployments and copies; over gRPC, against the lab's endpoint with
 * something in between that makes it the cloud of the trap.
 */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { provider } from "../../providers/cloudstack/provider.ts";
import type { Client, Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { Door, type Trap } from "./support/door.ts";
import { engineFor, failureOf, type OwnEngine, urnOf, type Wire } from "./support/engine.ts";

const lab = new LabProcess("none");
const templateUrn = urnOf("cloudstack:index:Template", "captured");
let cloud: Client;
let door: Door;
let source: Json;
let inputs: Wire;
const engines: OwnEngine[] = [];

beforeAll(async () => {
  cloud = await lab.up();
  door = await Door.before(cloud.target);
  source = await cloud.deploy({ name: "source" });
  await cloud.job("stopVirtualMachine", { id: source.id });
  const { ostypeid } = await cloud.world();
  inputs = { instanceId: source.id, displayText: "captured", osTypeId: ostypeid };
});
afterEach(async () => {
  door.reset();
  for (const each of engines.splice(0)) each.close();
  await lab.control.clearFaults();
  for (const { id } of await templates()) await cloud.job("deleteTemplate", { id });
});
afterAll(async () => {
  door.close();
  await lab.end();
});

async function engine(settings: Wire = {}): Promise<OwnEngine> {
  const each = await engineFor(provider);
  engines.push(each);
  const { apiKey, secretKey } = cloud.target;
  await each.configure({ apiUrl: door.url, apiKey, secretKey, ...settings }, "state");
  return each;
}

async function templates(): Promise<Json[]> {
  const { template = [] } = await cloud.call("listTemplates", { templatefilter: "self" });
  const known = new Set<string>();
  return template.filter(({ id }: Json) => !known.has(id) && known.add(id));
}

test("an attached ISO is detached before the capture", async () => {
  let attached = true;
  door.trap = {
    answer(parameters) {
      if (parameters.get("command") === "detachIso") {
        expect(parameters.get("virtualmachineid")).toBe(source.id);
        attached = false;
        return { detachisoresponse: { jobid: "iso" } };
      }
      if (parameters.get("jobid") !== "iso") return undefined;
      return { queryasyncjobresultresponse: { jobid: "iso", jobstatus: 1, jobresult: {} } };
    },
    change(_, { listvirtualmachinesresponse: list }) {
      for (const row of list?.virtualmachine ?? []) if (attached) row.isoid = "an-iso";
    },
  };
  await (await engine()).create(templateUrn, inputs);
  expect(attached).toBe(false);
  expect(door.commands.indexOf("detachIso")).toBeLessThan(door.commands.indexOf("createTemplate"));
});

test("a template tag is sent when there is one, and never an empty one", async () => {
  const each = await engine();
  const { faults } = await each.check(templateUrn, { ...inputs, templateTag: "" });
  expect(Object.keys(faults)).toEqual(["templateTag"]);
  const { id, state } = await each.create(templateUrn, inputs);
  await each.update(templateUrn, id, { inputs, state }, { ...inputs, displayText: "again" });
  for (const { parameters } of door.asked) expect(parameters.get("templatetag")).toBeNull();
});

test("a template that is ready in one zone and never in the other is not taken for copied", async () => {
  const copyUrn = urnOf("cloudstack:index:TemplateCopy", "copy");
  const { id: templateId } = await (await engine()).create(templateUrn, inputs);
  const { zone: zones } = await cloud.call("listZones");
  const [here, there] = ["lab-zone", "lab-zone-2"].map(
    (name) => zones.find((row: Json) => row.name === name).id,
  );
  door.trap = {
    change(_, { listtemplatesresponse: list }) {
      for (const row of list?.template ?? []) if (row.zoneid === there) row.isready = false;
    },
  };
  const hurried = await engine({ jobTimeoutSeconds: 1 });
  const copy = { templateId, sourceZoneId: here, zoneIds: [there] };
  const failure = await failureOf(hurried.create(copyUrn, copy));
  expect(failure.text).toContain("it goes on in the cloud");
  expect(failure.partial?.id).toContain(templateId);
});

test("a capture whose size still moves when the job has ended is waited for", async () => {
  let size = 0;
  door.trap = {
    change(parameters, { listtemplatesresponse: list }) {
      if (parameters.get("id") === null) return;
      for (const row of list?.template ?? []) if (row.isready && size < 3) row.physicalsize = ++size;
    },
  };
  const { state } = await (await engine()).create(templateUrn, inputs);
  expect(state.physicalSize).toBeGreaterThan(3);
});

test("a template from a snapshot stands alone: it is ready by its own size, whatever the snapshot's backing file", async () => {
  const [volume] = (await cloud.call("listVolumes", { virtualmachineid: source.id })).volume;
  const { snapshot } = await cloud.job("createSnapshot", { volumeid: volume.id });
  const { instanceId: _, ...rest } = inputs;
  const { id, state } = await (await engine()).create(templateUrn, { ...rest, snapshotId: snapshot.id });
  expect(state).toMatchObject({ ready: true });
  await cloud.job("deleteSnapshot", { id: snapshot.id });
  const clone = await cloud.deploy({ name: "of-snapshot", templateid: id });
  expect(clone.state).toBe("Running");
  await cloud.job("destroyVirtualMachine", { id: clone.id, expunge: true });
});

test.each([
  ["4.16", {}],
  ["4.16", { types: "text" }],
  ["4.20", { types: "text" }],
])("a server of version %s with %j: made, found unchanged, imported, and removed", async (version, more) => {
  await lab.control.arm("version", { version, ...more });
  const each = await engine();
  const urn = urnOf("cloudstack:index:Instance", "aged");
  const { zoneid, templateid, serviceofferingid, networkids } = await cloud.world();
  const wanted = {
    zoneId: zoneid,
    templateId: templateid,
    serviceOfferingId: serviceofferingid,
    networkIds: [networkids],
    tags: { team: "migration" },
  };
  const made = await each.create(urn, wanted);
  const seen = await each.read(urn, made.id, { inputs: wanted, state: made.state });
  expect(await each.diff(urn, made.id, { inputs: seen.inputs, state: seen.state }, wanted)).toMatchObject({
    changes: false,
  });
  expect((await each.read(urn, made.id)).inputs).toMatchObject(wanted);
  await each.delete(urn, made.id, made.state, wanted);
  const { id, state } = await each.create(templateUrn, inputs);
  expect(state).toMatchObject({ ready: true, size: expect.any(Number) });
  await each.delete(templateUrn, id, state, inputs);
});

test("a rule that the list does not show yet is not made twice, and its id is in the state", async () => {
  const { zoneid } = await cloud.world();
  const { networkoffering } = await cloud.call("listNetworkOfferings", { guestiptype: "Isolated" });
  const net = { name: "rules", zoneid, networkofferingid: networkoffering[0].id };
  const { network } = await cloud.call("createNetwork", net);
  const { ipaddress } = await cloud.job("associateIpAddress", { networkid: network.id });
  const urn = urnOf("cloudstack:index:FirewallRule", "late");
  const rule = { ipAddressId: ipaddress.id, protocol: "tcp", startPort: 22, cidrs: ["203.0.113.0/24"] };
  await lab.control.arm("list-empty", { times: "1" });
  const each = await engine();
  const failure = await failureOf(each.create(urn, rule));
  const { firewallrule } = await cloud.call("listFirewallRules", { ipaddressid: ipaddress.id });
  expect(firewallrule).toHaveLength(1);
  expect(failure.partial?.id).toBe(firewallrule[0].id);
  const old = { inputs: rule, state: failure.partial?.properties ?? {} };
  await each.update(urn, firewallrule[0].id, old, rule);
  await each.delete(urn, firewallrule[0].id, old.state, rule);
  await cloud.job("deleteNetwork", { id: network.id });
});

const instanceUrn = urnOf("cloudstack:index:Instance", "crowded");

async function place(): Promise<Wire> {
  const { zoneid, templateid, serviceofferingid, networkids } = await cloud.world();
  return {
    zoneId: zoneid,
    templateId: templateid,
    serviceOfferingId: serviceofferingid,
    networkIds: [networkids],
  };
}

test("a cloud without room is told at once, unless it is to be asked again: then until there is room", async () => {
  await lab.control.arm("capacity", { times: "1" });
  const failure = await failureOf((await engine()).create(instanceUrn, await place()));
  expect(failure.text).toContain("no host has enough capacity");
  expect(door.count("deployVirtualMachine")).toBe(1);
  door.reset();
  await lab.control.arm("capacity", { times: "2" });
  const patient = await engine({ capacityRetrySeconds: 60 });
  const { id, state } = await patient.create(instanceUrn, await place());
  expect(door.count("deployVirtualMachine")).toBe(3);
  const { virtualmachine } = await cloud.call("listVirtualMachines", { name: state.name as string });
  expect(virtualmachine.map((row: Json) => row.id)).toEqual([id]);
  await patient.delete(instanceUrn, id, state, await place());
});

test("a template is nobody else's to see before it is free of the instance's details", async () => {
  const each = await engine();
  const { state } = await each.create(templateUrn, { ...inputs, public: true, featured: true });
  const creation = door.asked.find(({ parameters }) => parameters.get("command") === "createTemplate");
  expect(creation?.parameters.get("ispublic")).toBe("false");
  expect(creation?.parameters.get("isfeatured")).toBe("false");
  const { commands } = door;
  expect(commands.indexOf("updateTemplate")).toBeLessThan(commands.indexOf("updateTemplatePermissions"));
  expect(state).toMatchObject({ public: true, featured: true });
  expect((await templates())[0]).toMatchObject({ ispublic: true, isfeatured: true });
});

test("a server that keeps the builder's key in the template: it is told, and the template is removed", async () => {
  door.trap = {
    change(_, { listtemplatesresponse: list }) {
      for (const row of list?.template ?? [])
        if (row.isready) row.details = { ...row.details, "SSH.PublicKey": "ssh-ed25519 AAAA builder" };
    },
  };
  const failure = await failureOf((await engine()).create(templateUrn, inputs));
  expect(failure.text).toContain("the template keeps what it must not hold");
  expect(failure.text).toContain("SSH.PublicKey");
  expect(failure.partial).toBeUndefined();
  expect(await templates()).toEqual([]);
});

test("a template counts when it is ready in the zone where it was made, not in another one that lists it first", async () => {
  let looks = 0;
  door.trap = {
    change(_, { listtemplatesresponse: list }) {
      if (!list?.template) return;
      const [row] = list.template;
      if (list.template.length !== 1 || !row.isready || row.name.endsWith("(lab)")) return;
      const here = { ...row, isready: ++looks > 3 };
      list.template = [{ ...row, zoneid: "elsewhere", zonename: "elsewhere" }, here];
      list.count = 2;
    },
  };
  await (await engine()).create(templateUrn, inputs);
  expect(looks).toBeGreaterThan(4);
});

test("a capture that was given up is watched again: started meanwhile, it is removed", async () => {
  const held = new Set<string | null>();
  door.trap = {
    change(asked, { queryasyncjobresultresponse: job }) {
      if (asked.get("command") === "createTemplate") held.add(asked.get("customjobid"));
      if (held.has(asked.get("jobid"))) Object.assign(job, { jobstatus: 0, jobresult: undefined });
    },
  };
  const hurried = await engine({ jobTimeoutSeconds: 1 });
  const { partial } = await failureOf(hurried.create(templateUrn, inputs));
  if (!partial) throw new Error("nothing of it is in the state");
  await cloud.job("startVirtualMachine", { id: source.id });
  door.trap = {};
  const old = { inputs, state: partial.properties };
  const failure = await failureOf((await engine()).update(templateUrn, partial.id, old, inputs));
  expect(failure.text).toContain("source was started while its disk was copied");
  expect(await templates()).toEqual([]);
  await cloud.job("stopVirtualMachine", { id: source.id });
});

test("a parameter that an older server passes over is told, and not taken for done", async () => {
  const change: Trap["change"] = (_, { listtemplatesresponse: list }) => {
    for (const row of list?.template ?? []) row.templatetag = "hosts-a";
  };
  door.trap = { change };
  const each = await engine();
  const given = { ...inputs, templateTag: "hosts-a" };
  const { id, state } = await each.create(templateUrn, given);
  const passedOver = { updatetemplateresponse: { template: { id } } };
  door.trap = {
    change,
    answer: (asked) => (asked.get("command") === "updateTemplate" ? passedOver : undefined),
  };
  const news = { ...given, templateTag: "hosts-b" };
  const failure = await failureOf(each.update(templateUrn, id, { inputs: given, state }, news));
  expect(failure.text).toContain("the cloud took templatetag and shows the template as it was");
  const dropped = await each.diff(templateUrn, id, { inputs: given, state }, inputs);
  expect(dropped.changes).toBe(false);
});

test("the looks at a size are as far apart as the capture was long", async () => {
  const held = new Set<string | null>();
  let captured: number | undefined;
  const looks: number[] = [];
  door.trap = {
    change(asked, { queryasyncjobresultresponse: job, listtemplatesresponse: list }) {
      if (asked.get("command") === "createTemplate") held.add(asked.get("customjobid"));
      if (held.has(asked.get("jobid"))) {
        captured ??= performance.now();
        if (performance.now() - captured < 3000) Object.assign(job, { jobstatus: 0, jobresult: undefined });
      }
      if (list?.template?.[0]?.isready && captured !== undefined && asked.get("id") !== null)
        looks.push(performance.now());
    },
  };
  await (await engine()).create(templateUrn, inputs);
  const [first = 0, second = 0] = looks;
  expect(second - first).toBeGreaterThanOrEqual(300);
});

test("a capture whose server was restarted never ends: told soon, and no hindrance for the next one", async () => {
  const captures = new Set<string | null>();
  const dead = new Set<string>();
  door.trap = {
    refuse: (asked) =>
      asked.get("command") === "deleteTemplate" && dead.has(asked.get("id") ?? "") ? 530 : undefined,
    change(asked, { createtemplateresponse, queryasyncjobresultresponse: job, listtemplatesresponse: list }) {
      if (createtemplateresponse && dead.size === 0) {
        dead.add(createtemplateresponse.id);
        captures.add(asked.get("customjobid"));
      }
      if (captures.has(asked.get("jobid")))
        Object.assign(job, { jobstatus: 2, jobresultcode: 530, jobresult: undefined });
      for (const row of list?.template ?? []) if (dead.has(row.id)) row.isready = false;
    },
  };
  const first = await engine({ jobTimeoutSeconds: 1 });
  const { text, partial } = await failureOf(first.create(templateUrn, inputs));
  expect(text).toContain("its job ended without a result");
  expect(text).toContain(`pulumi state delete '${templateUrn}'`);
  expect([...dead]).toEqual([partial?.id]);
  const state = partial?.properties ?? {};
  const again = await failureOf(first.update(templateUrn, partial?.id ?? "", { inputs, state }, inputs));
  expect(again.text).toContain("its job ended without a result");
  // Its state was deleted, as the message says.
  const next = await engine({ jobTimeoutSeconds: 1 });
  const made = await next.create(templateUrn, inputs);
  expect([...dead]).not.toContain(made.id);
  expect(made.state).toMatchObject({ ready: true });
});

test("a snapshot whose copy is still on its way to another zone is backed up all the same", async () => {
  const { volume } = await cloud.call("listVolumes", { virtualmachineid: source.id });
  door.trap = {
    change(_, { listsnapshotsresponse: list }) {
      if (list?.snapshot)
        list.snapshot = list.snapshot.flatMap((row: Json) => [{ ...row, state: "Copying" }, row]);
    },
  };
  const urn = urnOf("cloudstack:index:VolumeSnapshot", "copied");
  const each = await engine();
  const given = { volumeId: volume[0].id };
  const { id, state } = await each.create(urn, given);
  await each.delete(urn, id, state, given);
});

test("a volume that would lose what lies beyond its new size is refused in the preview", async () => {
  const urn = urnOf("cloudstack:index:Volume", "data");
  const each = await engine();
  const olds = { zoneId: "z", diskOfferingId: "d", size: 20 };
  const faults = async (news: Wire) => (await each.check(urn, { ...olds, ...news }, olds)).faults;
  expect(await faults({ size: 10 })).toEqual({ size: expect.stringContaining("set shrinkOk") });
  expect(await faults({ size: 10, shrinkOk: true })).toEqual({});
  expect(await faults({ size: 30 })).toEqual({});
});

test.each([
  ["Network", "deleteNetwork", 530, "not expunged yet still holds it"],
  ["UserData", "deleteUserData", 530, "an instance or a template still refers to it"],
  ["PublicIpAddress", "disassociateIpAddress", 431, "goes with the network alone"],
])("what keeps a %s is told where the cloud says nothing of it", async (kind, command, code, words) => {
  const { zoneid } = await cloud.world();
  const name = "DefaultIsolatedNetworkOfferingWithSourceNatService";
  const { networkoffering } = await cloud.call("listNetworkOfferings", { name });
  const place = { zoneid, networkofferingid: networkoffering[0].id };
  const { network } = await cloud.call("createNetwork", { name: "kept", ...place });
  const [urn, each] = [urnOf(`cloudstack:index:${kind}`, "kept"), await engine()];
  const given: Record<string, Wire> = {
    Network: { zoneId: zoneid, networkOfferingId: place.networkofferingid },
    UserData: { content: "#cloud-config\n" },
    PublicIpAddress: { networkId: network.id },
  };
  const wanted = given[kind] ?? {};
  const { id, state } = await each.create(urn, wanted);
  door.trap = { refuse: (asked) => (asked.get("command") === command ? code : undefined) };
  expect((await failureOf(each.delete(urn, id, state, wanted))).text).toContain(words);
  door.trap = {};
  await each.delete(urn, id, state, wanted);
  await cloud.job("deleteNetwork", { id: network.id });
});

test("what a template's status says in words is not believed, and one of its stores is enough", async () => {
  let looks = 0;
  const states = ["DOWNLOAD_ERROR", "DOWNLOAD_IN_PROGRESS"].map((downloadState) => ({ downloadState }));
  door.trap = {
    change(_, { listtemplatesresponse: list }) {
      for (const row of list?.template ?? []) {
        if (!row.isready || looks++ > 3) continue;
        const told = looks % 2 === 0 ? { downloaddetails: states } : { downloaddetails: [] };
        Object.assign(row, { isready: false, status: "Installing Template, no error, nothing failed" }, told);
      }
    },
  };
  const { state } = await (await engine()).create(templateUrn, inputs);
  expect(state).toMatchObject({ ready: true });
});

test("a security group's networks are of either protocol, as is said of what is none", async () => {
  const urn = urnOf("cloudstack:index:SecurityGroup", "web");
  const each = await engine();
  const faults = async (...cidrs: string[]) =>
    (await each.check(urn, { ingress: [{ protocol: "tcp", startPort: 443, cidrs }] })).faults;
  expect(await faults("0.0.0.0/0", "::/0", "2001:db8::/32")).toEqual({});
  expect(Object.keys(await faults("::/0/1", "2001:db8::", "fe80::1%eth0/64"))).toHaveLength(3);
});
