/**
 * The life of every resource over gRPC, against whatever endpoint is given, with instances whose guests do not matter.
 * Where the endpoint is a lab, its faults are tried as well.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Control } from "../../../lab/control/client.ts";
import { removeBegun } from "../../../providers/cloudstack/leftovers.ts";
import { clientOf, provider } from "../../../providers/cloudstack/provider.ts";
import type { Client, Fields, Json } from "../../lab/support/client.ts";
import type { Door } from "../support/door.ts";
import { engineFor, failureOf, type OwnEngine, unknownText, urnOf, type Wire } from "../support/engine.ts";
import { creatorOf, type Line, madeByJob, table } from "./table.ts";
import {
  leftovers,
  makeWorld,
  newPrefix,
  removeAll,
  rowsOf,
  testPrefix,
  type Wishes,
  type World,
} from "./world.ts";

export interface Endpoint {
  cloud: Client;
  wishes: Wishes;
  /** Of a lab. */
  control?: Control;
  /** A door in front of it, by which the provider goes. */
  door?: Door;
  /** The provider's settings besides endpoint and keys: whose objects are meant. */
  scope?: Wire;
  jobTimeoutSeconds: number;
  /** Names of resources that this cloud cannot have. */
  without: ReadonlySet<string>;
}

const owner = "provider-of-this-state";

/**
 * @param wholly every column of the table; else what must hold for whoever owns the objects
 * @returns what was not tried, and why; filled while the tests run
 */
export function lifecycleSuite(open: () => Promise<Endpoint>, wholly = true): Record<string, string> {
  const untried: Record<string, string> = {};
  let endpoint: Endpoint;
  let cloud: Client;
  let world: World;
  /** Undefined as long as nothing was made. */
  let prefix: string | undefined;
  let engine: OwnEngine;
  const engines: OwnEngine[] = [];

  beforeAll(async () => {
    endpoint = await open();
    cloud = endpoint.cloud;
    refuse(await leftovers(cloud, testPrefix), "from an earlier run");
    prefix = newPrefix();
    world = await makeWorld(cloud, prefix, endpoint.wishes);
  });
  afterEach(async () => {
    for (const each of engines.splice(0)) each.close();
    if (endpoint?.door) endpoint.door.trap = {};
    await endpoint?.control?.clearFaults();
    if (world) for (const line of Object.values(table)) await tidy(line);
  });
  afterAll(async () => {
    if (prefix === undefined) return;
    // The world stays until now; a test's own things do not.
    const things = (await leftovers(cloud, prefix)).filter(({ name }) => name.includes("-thing-"));
    await removeAll(cloud, prefix);
    refuse(things, "by a test");
    refuse(await leftovers(cloud, testPrefix), "although everything was removed");
  });

  async function tidy(line: Line): Promise<void> {
    for (const row of await own(line)) {
      const { remove, removeBy = "id", removeWith } = line;
      const fields = { [removeBy]: removeBy === "name" ? row.name : row.id, ...withZone(removeWith, row) };
      const { jobid } = await cloud.call(remove, fields);
      if (jobid) await cloud.done(jobid);
    }
  }

  /** The rows that a test has made. */
  async function own({ list, borrowed }: Line): Promise<Json[]> {
    const rows = await all(list);
    return rows.filter((row) => (borrowed ? borrowed(row, world) : isOwn(row, world)));
  }

  const all = (list: string) =>
    rowsOf(cloud, list, list === "listTemplates" ? { templatefilter: "self" } : {});

  async function fresh(jobTimeoutSeconds = endpoint.jobTimeoutSeconds): Promise<OwnEngine> {
    const each = await engineFor(provider);
    engines.push(each);
    const { url, apiKey, secretKey } = cloud.target;
    const { door, scope } = endpoint;
    const apiUrl = door?.url ?? url;
    await each.configure({ apiUrl, apiKey, secretKey, jobTimeoutSeconds, ...scope }, owner);
    return each;
  }

  describe.each(Object.entries(table))("%s", (name, line) => {
    const thing = () => urnOf(`cloudstack:index:${name}`, `${world.prefix}-thing`);

    /** False where this endpoint has not what the resource needs, which is told at the end. */
    function isPossible(): boolean {
      const reason = endpoint.without.has(name)
        ? "it was left out by CLOUDSTACK_TEST_WITHOUT"
        : line.needs?.(world);
      if (reason !== undefined) untried[name] = reason;
      return reason === undefined;
    }

    /** By a program that says whatever it can of what is there. */
    async function allSaid(kind: string, state: Wire): Promise<Wire> {
      const { resources = {} } = await engine.schema();
      const names = Object.keys(resources[`cloudstack:index:${kind}`]?.inputProperties ?? {});
      return Object.fromEntries(Object.entries(state).filter(([property]) => names.includes(property)));
    }

    /** Checked, as the engine hands them to all other calls. */
    async function checked(changes: Wire = {}): Promise<Wire> {
      engine = await fresh();
      const { inputs, faults } = await engine.check(thing(), { ...line.inputs(world), ...changes });
      expect(faults).toEqual({});
      return inputs;
    }

    test("made as wanted, found unchanged, imported, and removed", async () => {
      if (!isPossible()) return;
      const urn = thing();
      const inputs = await checked();
      const { id, state } = await engine.create(urn, inputs);
      expect(state).toMatchObject({ ...inputs, ...line.outputs });
      expect(await own(line)).toHaveLength(1);
      const seen = await engine.read(urn, id, { inputs, state });
      expect(seen).toMatchObject({ id, inputs });
      const found = { inputs: seen.inputs, state: seen.state };
      expect(await engine.diff(urn, id, found, inputs)).toMatchObject({ changes: false });
      const imported = await engine.read(urn, id);
      expect(imported.id).toBe(id);
      const known = { inputs: imported.inputs, state: imported.state };
      expect((await engine.diff(urn, id, known, inputs)).replaces).toEqual([]);
      const { instanceId: _, ...visible } = inputs;
      expect((await engine.check(urn, imported.inputs, imported.inputs)).faults).toEqual({});
      const pinned = await allSaid(name, { ...state, ...inputs });
      expect((await engine.diff(urn, id, { inputs, state }, pinned)).changes).toBe(false);
      if (name !== "SshKeyPair")
        expect(imported.inputs).toMatchObject(name === "Template" ? visible : inputs);
      await engine.delete(urn, id, state, inputs);
      expect(await own(line)).toEqual([]);
      await engine.delete(urn, id, state, inputs);
    });

    test("a server that leaves out what it can makes it no other one", async () => {
      if (!isPossible() || !endpoint.door) return;
      const urn = thing();
      const inputs = await checked();
      const { id, state } = await engine.create(urn, inputs);
      endpoint.door.trap = { change: (_, answer) => leaveOut(line.list, answer) };
      const seen = await engine.read(urn, id, { inputs, state });
      expect(seen.id).toBe(id);
      const found = { inputs: seen.inputs, state: seen.state };
      expect((await engine.diff(urn, id, found, inputs)).changes).toBe(false);
    });

    if (!line.staysSeen) {
      test("removed by somebody else, it is seen to be gone", async () => {
        if (!isPossible()) return;
        const urn = thing();
        const inputs = await checked();
        const { id, state } = await engine.create(urn, inputs);
        await tidy(line);
        expect((await engine.read(urn, id, { inputs, state })).id).toBe("");
      });
    }

    if (!wholly) return;

    if (line.outside) {
      const { change, moves } = line.outside;
      test("changed by somebody else, it is seen, and put back", async () => {
        if (!isPossible()) return;
        const urn = thing();
        const inputs = await checked();
        const { id, state } = await engine.create(urn, inputs);
        for (const [command, fields] of change(id, world)) {
          const { jobid } = await cloud.call(command, fields);
          if (jobid) await cloud.done(jobid);
        }
        const seen = await engine.read(urn, id, { inputs, state });
        const found = { inputs: seen.inputs, state: seen.state };
        const { detailed, replaces } = await engine.diff(urn, id, found, inputs);
        expect(Object.keys(detailed).map((path) => path.split(/[.[]/u)[0])).toContain(moves);
        if (replaces.length > 0) return;
        const updated = await engine.update(urn, id, found, inputs);
        const again = await engine.read(urn, id, { inputs, state: updated });
        const after = { inputs: again.inputs, state: again.state };
        expect(await engine.diff(urn, id, after, inputs)).toMatchObject({ changes: false });
      });
    }

    if (line.inPlace) {
      test("what can change in place does", async () => {
        if (!isPossible()) return;
        const urn = thing();
        const inputs = await checked();
        const { id, state } = await engine.create(urn, inputs);
        const news = await checked(line.inPlace?.(world, world.prefix));
        const difference = await engine.diff(urn, id, { inputs, state }, news);
        expect(difference).toMatchObject({ changes: true, replaces: [] });
        const updated = await engine.update(urn, id, { inputs, state }, news);
        expect(updated).toMatchObject(news);
        const seen = await engine.read(urn, id, { inputs: news, state: updated });
        expect(seen.inputs).toEqual(news);
        const found = { inputs: news, state: seen.state };
        expect(await engine.diff(urn, id, found, news)).toMatchObject({ changes: false });
      });
    }

    test("what cannot is replaced, and the property is named", async () => {
      if (!isPossible()) return;
      const inputs = await checked();
      const [property, changes] = line.replacing(world);
      const news = await checked(changes);
      const { replaces } = await engine.diff(thing(), "1", { inputs, state: inputs }, news);
      expect(replaces).toContain(property);
    });

    test("killed before it was written down, it is taken up and not made twice", async () => {
      if (!isPossible()) return;
      const inputs = await checked();
      const cut = await engine.create(thing(), inputs);
      engine.close();
      const again = await (await fresh()).create(thing(), inputs);
      expect(again.id === cut.id).toBe(line.madeAnew !== true);
      expect(await own(line)).toHaveLength(1);
    });

    if (!line.borrowed) {
      test("killed, and then its stack is destroyed: what was begun is removed", async () => {
        if (!isPossible()) return;
        const inputs = await checked();
        await engine.create(thing(), inputs);
        engine.close();
        const token = `cloudstack:index:${name}`;
        const begun = { urn: thing(), token, inputs, owner, predecessor: { kind: "none" } as const };
        const { url: apiUrl, apiKey, secretKey } = cloud.target;
        const said: string[] = [];
        await removeBegun([begun], clientOf({ apiUrl, apiKey, secretKey }, {}), (text) => said.push(text));
        expect(said).toEqual([expect.stringContaining("left over from an update that was cut off")]);
        expect(await own(line)).toEqual([]);
      });
    }

    test("an answer that is lost on its way makes no second one", async () => {
      if (!isPossible() || !endpoint.control) return;
      const before = await all(line.list);
      const inputs = await checked();
      await endpoint.control.arm("connection-reset-after", { command: creatorOf(name), times: "1" });
      const created = await engine
        .create(thing(), inputs)
        .catch(async () => (await fresh()).create(thing(), inputs));
      expect(await own(line)).toHaveLength(1);
      expect(created.id).not.toBe("");
      const more = line.borrowed && !line.addsRow ? 0 : 1;
      expect(await all(line.list)).toHaveLength(before.length + more);
    });

    if (madeByJob.has(name)) {
      test("given up half-way, its id and its job are in the state, and the next update goes on", async () => {
        const begun = await givenUp();
        if (!begun) return;
        const { inputs, id, state } = begun;
        expect(state.jobId).toMatch(/^[0-9a-f-]{36}$/u);
        endpoint.door?.reset();
        const updated = await (await fresh()).update(thing(), id, { inputs, state }, inputs);
        expect(updated).toMatchObject({ ...inputs, ...line.outputs });
        expect(endpoint.door?.count(creatorOf(name))).toBe(0);
        expect(await own(line)).toHaveLength(1);
      });

      test("given up half-way, and then removed: nothing is left", async () => {
        const begun = await givenUp();
        if (!begun) return;
        const { inputs, id, state } = begun;
        await (await fresh()).delete(thing(), id, state, inputs);
        expect(await own(line)).toEqual([]);
      });

      test("killed half-way, before anything was written down, it is not made twice", async () => {
        const begun = await givenUp();
        if (!begun) return;
        await (await fresh()).create(thing(), begun.inputs);
        expect(await own(line)).toHaveLength(1);
      });

      test("a job that ended without a result is settled by looking at the object", async () => {
        if (!isPossible() || !endpoint.control) return;
        const inputs = await checked();
        await endpoint.control.arm("job-lost", { command: creatorOf(name), times: "1" });
        const { state } = await engine.create(thing(), inputs);
        expect(state).toMatchObject({ ...inputs, ...line.outputs });
        expect(await own(line)).toHaveLength(1);
      });

      test("a refusal of the cloud names the object, and leaves nothing", async () => {
        if (!isPossible() || !endpoint.control) return;
        const inputs = await checked();
        const fault = { command: creatorOf(name), code: "533", text: "there is no room", times: "1" };
        await endpoint.control.arm("job-fails", fault);
        const failure = await failureOf(engine.create(thing(), inputs));
        expect(failure.text).toContain("there is no room");
        const [, named = ""] = /^[^:]+: (.*)/u.exec(failure.text) ?? [];
        expect(named).toMatch(namedBy(inputs, world));
        expect(failure.partial).toBeUndefined();
        expect(await own(line)).toEqual([]);
      });
    }

    /** As the engine has it whose time was over while the job was still running. */
    async function givenUp(): Promise<{ inputs: Wire; id: string; state: Wire } | undefined> {
      const { door } = endpoint;
      if (!isPossible() || !door) return undefined;
      const inputs = await checked();
      const held = new Set<string | null>();
      door.trap = {
        change(asked, { queryasyncjobresultresponse: job }) {
          if (asked.get("command") === creatorOf(name)) held.add(asked.get("customjobid"));
          if (held.has(asked.get("jobid"))) Object.assign(job, { jobstatus: 0, jobresult: undefined });
        },
      };
      const hurried = await fresh(0.2);
      const { partial } = await failureOf(hurried.create(thing(), inputs));
      hurried.close();
      door.trap = {};
      if (!partial) throw new Error("nothing of it is in the state");
      return { inputs, id: partial.id, state: partial.properties };
    }

    test.each(line.wrong)("%j is refused at %j", async (inputs, properties) => {
      const { faults } = await (await fresh()).check(thing(), inputs);
      expect(Object.keys(faults)).toEqual(expect.arrayContaining(properties));
      expect(properties).toEqual(expect.arrayContaining(Object.keys(faults)));
    });

    test("what is not known yet is no fault", async () => {
      if (!isPossible()) return;
      const inputs = unknownIn(line.inputs(world));
      const each = await fresh();
      expect((await each.check(thing(), inputs)).faults).toEqual({});
      const old = { inputs: line.inputs(world), state: line.inputs(world) };
      await each.diff(thing(), "1", old, inputs);
      await each.create(thing(), inputs, { preview: true });
    });

    test("whatever is not known yet, and however deep, a preview goes through", async () => {
      if (!isPossible()) return;
      const each = await fresh();
      const given = line.inputs(world);
      const old = { inputs: given, state: { ...given, name: "n" } };
      const { resources = {} } = await each.schema();
      const { inputProperties = {} } = resources[`cloudstack:index:${name}`] ?? {};
      for (const [property, { type }] of Object.entries(inputProperties)) {
        const deep = type === "array" ? [[unknownText]] : type === "object" ? [{ a: unknownText }] : [];
        for (const value of [unknownText, ...deep]) {
          const inputs = { ...given, [property]: value };
          await each.check(thing(), inputs, given);
          await each.diff(thing(), "1", old, inputs);
          await each.create(thing(), inputs, { preview: true });
          await each.update(thing(), "1", old, inputs, { preview: true });
        }
      }
    });
  });
  return untried;
}

function isOwn(row: Json, world: World): boolean {
  const ofTheWorld = Object.values(world).includes(row.id ?? row.name);
  if (ofTheWorld || row.type === "ROOT" || row.issourcenat === true || row.issystem === true) return false;
  const { name, displaytext } = row;
  if ([name, displaytext].some((text) => String(text ?? "").startsWith(`${world.prefix}-`))) return true;
  const places = [row.networkid, row.associatednetworkid, row.virtualmachineid, row.volumeid];
  return places.some((place) => place !== undefined && Object.values(world).includes(place));
}

/** What a message names an object by: its name in the program, or what it is about. */
function namedBy(inputs: Wire, { prefix }: World): RegExp {
  const about = [inputs.volumeId, inputs.instanceId, inputs.networkId, inputs.templateId, inputs.protocol];
  const words = [`${prefix}-thing`, ...about.filter((id) => id !== undefined)];
  return new RegExp(words.map(String).join("|"), "u");
}

/** Texts, numbers and truth values, of every row, that only describe it. */
function leaveOut(list: string, answer: Json): void {
  const [content] = Object.values(answer) as Json[];
  if (!(`${list.toLowerCase()}response` in answer)) return;
  // Attachments and copies are nothing but such a row's place; a key pair's id is its name.
  const needed = ["id", "state", "zoneid", "virtualmachineid", "isready", "isstaticnat"];
  if (list === "listSSHKeyPairs") needed.push("name");
  for (const row of Object.values(content).find(Array.isArray) ?? []) {
    for (const [name, value] of Object.entries(row as Json))
      if (typeof value !== "object" && !needed.includes(name)) delete (row as Json)[name];
  }
}

/** Only the row's own zone is meant. */
function withZone(fields: Record<string, unknown> | undefined, row: Json): Fields {
  return { ...fields, ...(fields && "zoneid" in fields && { zoneid: row.zoneid }) } as Fields;
}

/** With every text and number of it not known yet. */
function unknownIn(inputs: Wire): Wire {
  return Object.fromEntries(Object.keys(inputs).map((name) => [name, unknownText]));
}

function refuse(found: readonly { kind: string; name: string; id: string }[], when: string): void {
  if (found.length === 0) return;
  const lines = found.map(({ kind, name, id }) => `  ${kind} ${name} (${id})`);
  throw new Error(`objects of these tests are left ${when}; remove them first:\n${lines.join("\n")}`);
}
