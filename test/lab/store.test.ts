/** The cloud's memory: whole transactions or none, whatever the journal looks like after a kill. */
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
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

test("with a seed, the same changes in the same order give the same ids, whatever happens to the process between", () => {
  const made = (where: string) => {
    let store = new Store(where);
    store.seedIds("word");
    const ids: string[] = [];
    for (let index = 0; index < 6; index++) {
      const id = store.newId(index % 2 === 0 ? "domains" : "zones");
      ids.push(id);
      store.transaction(() => store.put("domains", domain(id)));
      // Cut off without a last word, as by a kill.
      if (index === 3) store = new Store(where);
    }
    return ids;
  };
  const first = made(join(folder, "first"));
  expect(made(join(folder, "second"))).toEqual(first);
  expect(new Set(first).size).toBe(6);
  for (const id of first)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-3[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("the same seed again gives no id twice: those in use and those of what was removed are passed over", () => {
  const store = new Store(folder);
  const next = () => {
    const id = store.newId("domains");
    store.transaction(() => store.put("domains", domain(id)));
    return id;
  };
  store.seedIds("word");
  const [used, removed] = [next(), next()];
  store.transaction(() => store.remove("domains", removed));
  store.seedIds("word");
  expect([used, removed]).not.toContain(next());
  store.seedIds(undefined);
  expect(store.newId("domains")).not.toBe(store.newId("domains"));
});

test("every row's id comes from the store: nothing of the lab makes one past the seed", () => {
  const lab = join(import.meta.dirname, "../../lab");
  const files = readdirSync(lab, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const making = files.filter((name) => readFileSync(join(lab, name), "utf8").includes("randomUUID("));
  // A disk image's name must not be foreseen.
  expect(making.sort()).toEqual(["cloud/extracts.ts", "cloud/store.ts"]);
});
