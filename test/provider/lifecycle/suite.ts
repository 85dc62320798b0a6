/**
 * The life of every resource over gRPC, against whatever endpoint is given, with instances whose guests do not matter.
 * Where the endpoint is a lab, its faults are tried as well.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Control } from "../../../lab/control/client.ts";
import { removeBegun } from "../../../providers/cloudstack/leftovers.ts";
import { clientOf, provider } from "../../../providers/cloudstack/provider.ts";
import type { Client, Fields, Json } from "../../lab/support/client.ts";
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
  jobTimeoutSeconds: number;
  /** Names of resources that this cloud cannot have. */
  without: ReadonlySet<string>;
}

const owner = "provider-of-this-state";

/** @returns what was not tried, and why; filled while the tests run */
export function lifecycleSuite(open: () => Promise<Endpoint>): Record<string, string> {
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
    await endpoint.control?.clearFaults();
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

  async function fresh(): Promise<OwnEngine> {
    const each = await engineFor(provider);
    engines.push(each);
    const { url, apiKey, secretKey } = cloud.target;
    const { jobTimeoutSeconds } = endpoint;
    await each.configure({ apiUrl: url, apiKey, secretKey, jobTimeoutSeconds }, owner);
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
      if (name !== "SshKeyPair")
        expect(imported.inputs).toMatchObject(name === "Template" ? visible : inputs);
      await engine.delete(urn, id, state, inputs);
      expect(await own(line)).toEqual([]);
      await engine.delete(urn, id, state, inputs);
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
      test("a refusal of the cloud names the object, and leaves nothing", async () => {
        if (!isPossible() || !endpoint.control) return;
        const inputs = await checked();
        const fault = { command: creatorOf(name), code: "533", text: "there is no room", times: "1" };
        await endpoint.control.arm("job-fails", fault);
        const failure = await failureOf(engine.create(thing(), inputs));
        expect(failure.text).toContain("there is no room");
        expect(failure.partial).toBeUndefined();
        expect(await own(line)).toEqual([]);
      });
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
