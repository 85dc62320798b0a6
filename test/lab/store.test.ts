/** The cloud's memory: whole transactions or none, whatever the journal looks like after a kill. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lookup } from "../../lab/cloud/lookup.ts";
import { Store } from "../../lab/cloud/store.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lab-store-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const domain = (id: string, name = id) => ({ id, number: 1, name });
const names = (store: Store) => [...store.all("domains")].map(({ name }) => name);

test("a transaction that throws leaves nothing, in memory and on the disk", () => {
  const store = new Store(folder);
  store.transaction(() => store.put("domains", domain("a")));
  expect(() =>
    store.transaction(() => {
      store.put("domains", domain("a", "changed"));
      store.put("domains", domain("b"));
      store.remove("domains", "a");
      throw new Error("planted");
    }),
  ).toThrow("planted");
  expect(names(store)).toEqual(["a"]);
  expect(names(new Store(folder))).toEqual(["a"]);
});

test("a change outside of a transaction is a bug and says so", () => {
  expect(() => new Store(folder).put("domains", domain("a"))).toThrow("outside of a transaction");
});

test("cut anywhere, the journal gives a prefix of the transactions, each whole", () => {
  const store = new Store(folder);
  const journal = join(folder, "journal");
  const states: string[][] = [[]];
  for (let index = 0; index < 12; index++) {
    store.transaction(() => {
      store.put("domains", domain(`x${index}`));
      store.put("domains", domain(`y${index}`));
      if (index > 3) store.remove("domains", `x${index - 3}`);
    });
    states.push(names(store));
  }
  const whole = readFileSync(journal);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: whole.length }), fc.boolean(), (length, rubbish) => {
      rmSync(join(folder, "snapshot.json"), { force: true });
      writeFileSync(journal, whole);
      truncateSync(journal, length);
      if (rubbish) appendFileSync(journal, '{"sequence":99,"numbers":{},"changes":[["dom');
      const again = new Store(folder);
      expect(states).toContainEqual(names(again));
      // And it goes on from there.
      again.transaction(() => again.put("domains", domain("later")));
      expect(names(new Store(folder))).toContain("later");
    }),
    { numRuns: 60 },
  );
});

test("numbers are never given twice, not even after a removal and a restart", () => {
  const given: number[] = [];
  for (let round = 0; round < 4; round++) {
    const store = new Store(folder);
    store.transaction(() => {
      const number = store.nextNumber("domains");
      given.push(number);
      store.put("domains", { id: `d${number}`, number, name: "d" });
    });
    store.transaction(() => store.remove("domains", `d${given.at(-1)}`));
    store.close();
  }
  expect(new Set(given).size).toBe(given.length);
});

test("a lookup follows the rows, in a transaction and when that is undone", () => {
  const byName = lookup("domains", (row) => row.name);
  const store = new Store(folder);
  store.transaction(() => store.put("domains", domain("a", "n")));
  expect(byName(store, "n")).toHaveLength(1);
  expect(() =>
    store.transaction(() => {
      store.put("domains", domain("b", "n"));
      expect(byName(store, "n")).toHaveLength(2);
      throw new Error("planted");
    }),
  ).toThrow("planted");
  expect(byName(store, "n")).toHaveLength(1);
});
