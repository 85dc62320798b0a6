import { compare } from "bcryptjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawCharacters, plannedCharacters } from "../../providers/random/characters.ts";
import { below, seededSource, shuffled } from "../../providers/random/randomness.ts";
import { type Engine, failureOf, secret, unknownText, urnOf, type Wire } from "../provider/support/engine.ts";
import fixtures from "./fixtures/random-states.json" with { type: "json" };
import { exchanges, type Plugin, sources, startPlugin } from "./support/plugin.ts";
import { importCases, type RandomCase, randomCases, refusedRandom, tokenOf } from "./support/random-cases.ts";
import { plainProperties, secretNames } from "./support/wire.ts";

const plugins = new Map<string, Plugin>();
beforeAll(async () => {
  for (const source of sources) plugins.set(source.name, await startPlugin(source, "random"));
});
afterAll(async () => {
  for (const plugin of plugins.values()) await plugin.stop();
});

function pluginOf(name: string): Plugin {
  const plugin = plugins.get(name);
  if (!plugin) throw new Error(`no plugin ${name}`);
  return plugin;
}

interface Made {
  urn: string;
  id: string;
  inputs: Wire;
  state: Wire;
}

async function make(plugin: Engine, type: string, given: Wire): Promise<Made> {
  const urn = urnOf(tokenOf(type), "it");
  const { inputs, faults } = await plugin.check(urn, given);
  expect(faults).toEqual({});
  return { urn, inputs, ...(await plugin.create(urn, inputs)) };
}

async function diffWith(plugin: Engine, { urn, id, inputs, state }: Made, given: Wire) {
  const checked = await plugin.check(urn, given, inputs);
  expect(checked.faults).toEqual({});
  return plugin.diff(urn, id, { inputs, state }, checked.inputs);
}

function expectState({ state: expected, inputs }: RandomCase, state: Wire): void {
  const all: Record<string, unknown> = { ...inputs, ...expected };
  expect(Object.keys(state).sort()).toEqual(Object.keys(all).sort());
  for (const [name, wanted] of Object.entries(all)) {
    if (typeof wanted === "function") expect(wanted(state[name]), `${name} is ${state[name]}`).toBe(true);
    else expect(state[name], name).toEqual(wanted);
  }
}

describe.each(sources.map(({ name }) => name))("random, %s", (name) => {
  test.each(randomCases)("$name", async (it) => {
    const plugin = pluginOf(name);
    const made = await make(plugin, it.type, it.inputs);
    const state = plainProperties(made.state);
    expectState(it, state);
    expect(made.id).toBe(it.id(state, name));
    expect(secretNames(made.state)).toEqual(it.secrets ?? []);

    expect((await diffWith(plugin, made, it.inputs)).changes).toBe(false);
    for (const same of it.sameAs ?? []) expect((await diffWith(plugin, made, same)).changes).toBe(false);
    for (const [property, news] of Object.entries(it.replacedBy ?? {})) {
      const difference = await diffWith(plugin, made, news);
      expect(difference.replaces.join(), property).toContain(property);
    }
    const refreshed = await plugin.read(made.urn, made.id, made);
    expect(refreshed.id).toBe(made.id);
    expect(plainProperties(refreshed.state)).toEqual(state);
    expect(secretNames(refreshed.state)).toEqual(it.secrets ?? []);
    await plugin.delete(made.urn, made.id, made.state, made.inputs);
  });

  test.each(refusedRandom)("refuses $type of $inputs", async ({ type, inputs }) => {
    const plugin = pluginOf(name);
    const urn = urnOf(tokenOf(type), "it");
    const { faults } = await plugin.check(urn, inputs);
    if (Object.keys(faults).length === 0) await failureOf(plugin.create(urn, inputs));
  });

  test.each(importCases)("imports $type", async ({ type, id, newId, state, program }) => {
    const plugin = pluginOf(name);
    const urn = urnOf(tokenOf(type), "it");
    const imported = await plugin.read(urn, id);
    if (newId !== undefined) expect(imported.id).toBe(newId);
    expect(plainProperties(imported.state)).toMatchObject(state);
    const made = { urn, id: imported.id, inputs: imported.inputs, state: imported.state };
    expect((await diffWith(plugin, made, program)).changes).toBe(false);
  });

  test("a preview knows the inputs and leaves open what is drawn", async () => {
    const urn = urnOf(tokenOf("RandomPassword"), "it");
    const { state } = await pluginOf(name).create(urn, { length: 9 }, { preview: true });
    const previewed = plainProperties(state);
    expect(previewed).toMatchObject({ length: 9, lower: true, result: unknownText });
  });

  test("the bcrypt hash is one of the password", async () => {
    const { state } = await make(pluginOf(name), "RandomPassword", { length: 16 });
    const { result, bcryptHash } = plainProperties(state) as Record<string, string>;
    expect(await compare(result ?? "", bcryptHash ?? "")).toBe(true);
    expect(await compare(`${result}x`, bcryptHash ?? "")).toBe(false);
  });

  test.each(fixtures.states)("a state of the official plugin is left as it is: $name", async (fixture) => {
    const plugin = pluginOf(name);
    const { type, id, inputs } = fixture;
    const urn = urnOf(tokenOf(type), "it");
    const state: Wire = { ...fixture.state };
    for (const property of fixture.secrets) state[property] = secret(state[property]);
    const made = { urn, id, inputs: inputs as Wire, state };
    expect((await diffWith(plugin, made, inputs as Wire)).changes).toBe(false);
    const refreshed = await plugin.read(urn, id, made);
    expect(plainProperties(refreshed.state)).toMatchObject({
      ...plainProperties(fixture.state),
      ...fixture.upgraded,
    });
    expect(secretNames(refreshed.state)).toEqual(expect.arrayContaining(fixture.secrets));
    expect((await diffWith(plugin, { ...made, state: refreshed.state }, inputs as Wire)).changes).toBe(false);
  });
});

describe.each(exchanges)("random, written by $writer.name and read by $reader.name", ({ writer, reader }) => {
  test.each(randomCases)("$name", async (it) => {
    const made = await make(pluginOf(writer.name), it.type, it.inputs);
    const plugin = pluginOf(reader.name);
    expect((await diffWith(plugin, made, it.inputs)).changes).toBe(false);
    const refreshed = await plugin.read(made.urn, made.id, made);
    expect(plainProperties(refreshed.state)).toEqual(plainProperties(made.state));
  });
});

const plugin = () => pluginOf("stand-in");

test("an old state without a good hash gets one, and keeps its password", async () => {
  const urn = urnOf(tokenOf("RandomPassword"), "it");
  const old = { id: "none", length: 4, result: secret("abcd"), lower: true, number: true };
  const { state } = await plugin().read(urn, "none", { inputs: { length: 4 }, state: old });
  const { result, bcryptHash, __meta, numeric, minUpper } = plainProperties(state);
  expect({ result, __meta, numeric, minUpper }).toEqual({
    result: "abcd",
    __meta: '{"schema_version":"3"}',
    numeric: true,
    minUpper: 0,
  });
  expect(await compare("abcd", String(bcryptHash))).toBe(true);
  expect(secretNames(state)).toEqual(["bcryptHash", "result"]);
});

test("what the official plugin keeps for itself in a state stays, until the state moves", async () => {
  const delta = { obj: { ps: {} } };
  const made = await make(plugin(), "RandomUuid", {});
  const state = { ...made.state, __pulumi_raw_state_delta: delta };
  const refreshed = await plugin().read(made.urn, made.id, { ...made, state });
  expect(refreshed.state.__pulumi_raw_state_delta).toEqual(delta);
  const updated = await plugin().update(made.urn, made.id, { ...made, state }, { keepers: {} });
  expect(updated).not.toHaveProperty("__pulumi_raw_state_delta");
});

test("keepers that appear empty are taken over without a new draw", async () => {
  const made = await make(plugin(), "RandomUuid", {});
  const difference = await diffWith(plugin(), made, { keepers: {} });
  expect(difference.replaces).toEqual([]);
  const state = await plugin().update(made.urn, made.id, made, { keepers: {} });
  expect(plainProperties(state)).toMatchObject({ result: made.id, id: made.id, keepers: {} });
});

test("what is drawn from secret inputs is secret", async () => {
  const made = await make(plugin(), "RandomShuffle", { inputs: secret(["a", "b"]) });
  expect(secretNames(made.state)).toEqual(["inputs", "results"]);
});

test("a value that is not known yet is no fault", async () => {
  const urn = urnOf(tokenOf("RandomPassword"), "it");
  expect((await plugin().check(urn, { length: unknownText, minUpper: 3 })).faults).toEqual({});
  const { faults } = await plugin().check(urn, { length: "ten" });
  expect(Object.keys(faults)).toEqual(["length"]);
});

test.each([
  ["RandomBytes", "not base64!"],
  ["RandomId", "*"],
  ["RandomInteger", "1,2"],
  ["RandomInteger", "1,2,x"],
  ["RandomUuid", "nonsense"],
])("an import of %s by %s says what it wants", async (type, id) => {
  const failure = await failureOf(plugin().read(urnOf(tokenOf(type), "it"), id));
  expect(failure.text).toContain("cannot import");
  expect(failure.text).toContain("as the id");
});

test("a seed gives the same value again, another seed another", async () => {
  const drawn = async (seed: string) =>
    plainProperties((await make(plugin(), "RandomInteger", { min: 0, max: 1e12, seed })).state).result;
  expect(await drawn("one")).toBe(await drawn("one"));
  expect(await drawn("one")).not.toBe(await drawn("other"));
});

test("no number of a range is favoured, as the remainder of a byte would favour the small ones", () => {
  const draws = 20_000;
  const shareOfSmall = (draw: () => number) => {
    let small = 0;
    for (let each = 0; each < draws; each++) if (draw() < 56) small++;
    return small / draws;
  };
  const fair = seededSource("fair");
  expect(shareOfSmall(() => Number(below(200n, fair)))).toBeCloseTo(56 / 200, 1.7);
  const folded = seededSource("folded");
  expect(shareOfSmall(() => folded(1).readUInt8() % 200)).toBeGreaterThan(0.4);
});

test("no place of a shuffle is favoured", () => {
  const source = seededSource("places");
  const counts = new Array<number>(6).fill(0);
  const orders = ["abc", "acb", "bac", "bca", "cab", "cba"];
  for (let draw = 0; draw < 30_000; draw++) {
    const order = orders.indexOf(shuffled(["a", "b", "c"], source).join(""));
    counts[order] = (counts[order] ?? 0) + 1;
  }
  expect(chiSquared(counts, 5000)).toBeLessThan(20.5);
});

test("minima come in any place", () => {
  const source = seededSource("minima");
  const planned = plannedCharacters({ length: 4, special: false, upper: false, lower: false, minUpper: 1 });
  const places = new Set<number>();
  for (let draw = 0; draw < 200; draw++) places.add(drawCharacters(planned, source).search(/[A-Z]/));
  expect([...places].sort()).toEqual([0, 1, 2, 3]);
});

function chiSquared(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
