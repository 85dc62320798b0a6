/** Every recorded exchange, played at the lab in its order: equal answers but for the differences that have a reason. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { exchanges } from "../recordings/index.ts";
import { Bindings, compare, type Mismatch } from "./replay/compare.ts";
import { type Difference, differences } from "./replay/differences.ts";
import { isSent, Replayed, type Sent } from "./replay/replayed.ts";
import { after, before, callAs, dress } from "./replay/stage.ts";

let replayed: Replayed;
const used = new Set<Difference>();

beforeAll(async () => {
  replayed = await Replayed.open();
  dress(replayed);
});
afterAll(() => replayed.end());

function isExplained(exchange: string, { place, kind }: Mismatch): boolean {
  const field = place.replace(/^.*\./, "");
  const found = differences.find(
    (difference) =>
      difference.kinds.includes(kind) &&
      (difference.places.includes(place) || difference.places.includes(`*.${field}`)) &&
      (difference.in?.test(exchange) ?? true),
  );
  if (found) used.add(found);
  return found !== undefined;
}

async function stage(name: string): Promise<Sent> {
  const done = await before[name]?.(replayed);
  return isSent(done) ? done : {};
}

test.each(exchanges.map(({ name }, index) => [name, index] as const))("%s", async (name, index) => {
  const exchange = exchanges[index];
  if (!exchange) throw new Error(`no exchange ${index}`);
  const sent = await stage(name);
  const mismatches = await callAs(replayed, name, () =>
    replayed.play(exchange, exchanges.slice(index + 1), sent),
  );
  after(replayed, index);
  expect(mismatches.filter((mismatch) => !isExplained(name, mismatch))).toEqual([]);
});

test("a planted difference is seen", () => {
  const recorded = { thing: { id: "11111111-2222-3333-4444-555555555555", size: 1, tags: ["a", "b"] } };
  const differing = (changes: object) =>
    compare(recorded, { thing: { ...recorded.thing, ...changes } }, new Bindings()).map(
      ({ place, kind }) => `${kind} ${place}`,
    );
  expect(differing({ id: "99999999-2222-3333-4444-555555555555", tags: ["b", "a"] })).toEqual([]);
  expect(differing({ id: "no id" })).toEqual(["other thing.id"]);
  expect(differing({ size: "1" })).toEqual(["other thing.size"]);
  expect(differing({ size: undefined })).toEqual(["absent thing.size"]);
  expect(differing({ more: 1 })).toEqual(["extra thing.more"]);
  expect(differing({ tags: ["a"] })).toEqual(["absent thing.tags"]);
  const bindings = new Bindings();
  bindings.bind(recorded.thing.id, "99999999-2222-3333-4444-555555555555");
  expect(compare(recorded, recorded, bindings)).toHaveLength(1);
});

test("every difference is one, and has its reason", () => {
  expect(differences.filter((difference) => !used.has(difference)).map(({ name }) => name)).toEqual([]);
  for (const { reason } of differences) expect(reason.length).toBeGreaterThan(20);
});
