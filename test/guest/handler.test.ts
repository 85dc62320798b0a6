import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ActHandler, handlerOf, type Workplace } from "../../providers/guest/handler.ts";
import { guestProvider } from "../../providers/guest/provider.ts";
import { acts } from "../../providers/guest/schema.ts";
import { type CreateContext, movesBetween, type Properties, unknown } from "../../providers/rpc/index.ts";
import { Connections, generateKeyPair } from "../../providers/ssh/index.ts";
import { engineFor, failureOf, secret, urnOf } from "../provider/support/engine.ts";
import { result } from "./support/proof.ts";

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "handler-"));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function handler(name: string): ActHandler {
  const act = acts.find(({ token }) => token === `guest:index:${name}`);
  if (!act) throw new Error(`no act ${name}`);
  return handlerOf(act);
}

const silent = { debug() {}, info() {}, warning() {}, error() {}, status() {} };

function context(): CreateContext<Workplace, Properties> {
  return {
    client: { connections: new Connections(), root },
    urn: "urn:pulumi:s::p::guest:index:Any::name",
    owner: undefined,
    signal: new AbortController().signal,
    deadline: undefined,
    log: silent,
    preview: false,
    secretInputs: [],
    save: () => {},
    forget: () => {},
    predecessor: { kind: "none" },
  };
}

/** Input that moved -> what that costs. */
function costs(name: string, olds: Properties, news: Properties): Record<string, string> {
  const moves = movesBetween(olds, news);
  const difference = handler(name).diff({ id: "1", inputs: olds, state: olds }, news, moves, context());
  if (difference instanceof Promise) throw new Error("a diff asks nobody");
  return Object.fromEntries(
    difference.changes.map(({ property, replace }) => [property, replace ? "replace" : "update"]),
  );
}

const connection = { host: "10.1.1.5", user: "ossea-build", privateKey: "key", hostKey: "ssh-ed25519 AAAA" };
const gate = { kind: "unit", state: "active", timeoutSeconds: 5 };
const check = {
  id: "a/b",
  title: "t",
  phases: ["build"],
  group: "system",
  severity: "error",
  why: "w",
  fix: "f",
  probe: { kind: "os-release" },
  expect: { id: { equals: "debian" } },
  plant: "true",
};
const inputs: Record<string, Record<string, unknown>> = {
  SshReady: { connection, triggers: { instance: "1" } },
  Database: {
    connection,
    database: { name: "d", user: "u", password: "p" },
    schema: "CREATE TABLE a (id int)",
    seed: "",
    objects: { baseTables: ["a"] },
    triggers: { instance: "1" },
  },
  Service: { connection, unit: "oma-api.service", gate, triggers: { instance: "1" } },
  Checks: {
    connection,
    appliance: "oma",
    phase: "build",
    checks: [check],
    machineName: "m",
    triggers: { instance: "1" },
  },
};

function checkedBy(name: string, news: Properties): { inputs: Properties; faults: { property: unknown }[] } {
  const about = { olds: undefined, name, urn: "", randomSeed: new Uint8Array() };
  const answer = handler(name).check(news, about, context());
  if (answer instanceof Promise) throw new Error("a check asks nobody");
  return { inputs: answer.inputs, faults: answer.faults ?? [] };
}

function checked(name: string, planted: object = {}) {
  return checkedBy(name, { ...inputs[name], ...planted });
}

test.each(Object.keys(inputs))("%s: good inputs come back with defaults", (name) => {
  const { inputs: filled, faults } = checked(name);
  expect(faults).toEqual([]);
  expect(filled).toMatchObject({ connection: { port: 22 } });
});

test.each<[string, object, string]>([
  ["SshReady", { connection: { ...connection, hostKey: undefined } }, "connection.hostKey"],
  ["Service", { gate: { ...gate, kind: "hope" } }, "gate.kind"],
  ["Service", { unit: "oma-api" }, "unit"],
  ["Checks", { checks: [] }, "checks"],
  [
    "Checks",
    { checks: [check, { ...check, id: "c", probe: { kind: "http", port: 0, path: "/" } }] },
    "checks[1].probe.port",
  ],
  ["Database", { objects: { baseTables: ["a"], foreignKeys: ["fk"] } }, "objects.foreignKeys[0]"],
])("%s: a fault has its property path (%o)", (name, planted, path) => {
  expect(checked(name, planted).faults.map(({ property }) => property)).toContain(path);
});

test("all faults are told at once", () => {
  expect(checked("Service", { unit: "x", gate: { ...gate, timeoutSeconds: -1 } }).faults).toHaveLength(2);
});

test("what is not known yet is no fault, and takes no default with it", () => {
  const { inputs: filled, faults } = checked("SshReady", {
    connection: unknown,
    attestationToken: unknown,
    triggers: { instance: unknown },
  });
  expect(faults).toEqual([]);
  expect(filled).toMatchObject({ connection: unknown, timeoutSeconds: 300, waitForCloudInit: false });
  expect(checked("Checks", { connection: { ...connection, hostKey: unknown } }).faults).toEqual([]);
});

test("a fault beside something that is not known yet is still told", () => {
  const { faults } = checked("Service", { connection: unknown, unit: "x" });
  expect(faults.map(({ property }) => property)).toEqual(["unit"]);
});

test.each(Object.keys(inputs))("%s: the same inputs are no difference", (name) => {
  expect(costs(name, checked(name).inputs, checked(name).inputs)).toEqual({});
});

test.each(Object.keys(inputs))(
  "%s: another machine means doing it again, another way to it does not",
  (name) => {
    const olds = checked(name).inputs;
    expect(costs(name, olds, { ...olds, triggers: { instance: "2" } })).toEqual({
      triggers: "replace",
    });
    const moved = { ...olds, connection: { ...connection, host: "10.1.1.6", port: 22 } };
    expect(costs(name, olds, moved)).toEqual({ connection: "update" });
  },
);

test.each([
  ["Database", "schema", "replace"],
  ["Database", "seed", "replace"],
  ["Database", "objects", "replace"],
  ["Service", "gate", "replace"],
  ["Checks", "checks", "replace"],
  ["Checks", "timeoutSeconds", "update"],
  ["Checks", "machineName", "update"],
  ["SshReady", "timeoutSeconds", "update"],
  ["SshKey", "keepers", "replace"],
  ["ProofReport", "runs", "update"],
  ["ProofReport", "directory", "replace"],
])("%s: a moved %s costs a %s", (name, property, cost) => {
  expect(costs(name, { [property]: 1 }, { [property]: 2 })).toEqual({ [property]: cost });
});

test("an update that repeats nothing keeps what was found and asks no machine", async () => {
  const olds = checked("SshReady").inputs;
  const found = { hostKey: "ssh-ed25519 BBBB", bootId: "b" };
  const news = { ...olds, timeoutSeconds: 10 };
  const old = { id: "1", inputs: olds, state: { ...olds, ...found } };
  expect(await handler("SshReady").update(old, news, context())).toEqual({ state: { ...news, ...found } });
});

test("a preview of an update shows what was found, unless it is found anew", async () => {
  const olds = { directory: "d", title: "First" };
  const old = { id: "1", inputs: olds, state: { ...olds, path: "p" } };
  expect(await handler("ProofReport").preview?.({ ...olds }, old, context())).toEqual({ path: "p" });
  expect(await handler("ProofReport").preview?.({ ...olds, title: unknown }, old, context())).toEqual({});
});

test("a key is made", async () => {
  const { id, state } = await handler("SshKey").create({ comment: "c" }, context());
  expect(id).toMatch(/^SHA256:/u);
  expect(state).toMatchObject({ comment: "c", publicKey: expect.stringMatching(/^ssh-ed25519 \S+ c$/u) });
});

test("a report is written again when its contents move", async () => {
  const report = handler("ProofReport");
  const { inputs: first, faults } = checkedBy("ProofReport", {
    directory: "reports",
    appliance: "oma",
    title: "First",
    fingerprint: {},
    template: {},
    runs: [{ phase: "build", machine: "m", results: [result("a/b")], seconds: 1 }],
  });
  expect(faults).toEqual([]);
  const { state } = await report.create(first, context());
  const path = join(root, "reports", "report.html");
  expect(state).toMatchObject({ path });
  const old = { id: "1", inputs: first, state };
  const renewed = await report.update(old, { ...first, title: "Second" }, context());
  expect(readFileSync(path, "utf8")).toContain("Second");
  expect(renewed.state.digests).not.toEqual(state.digests);
});

test("a machine that cannot be reached is named, though its connection is a secret; its key is not", async () => {
  const engine = await engineFor(guestProvider(root));
  const { privateKey, publicKey } = generateKeyPair();
  const connection = secret({
    host: "127.0.0.1",
    port: 1,
    user: "oma_admin",
    privateKey,
    hostKey: publicKey,
  });
  const asked = { connection, triggers: { instance: "1" }, timeoutSeconds: 1 };
  try {
    const { text } = await failureOf(engine.create(urnOf("guest:index:SshReady", "ready"), asked));
    expect(text).toContain("127.0.0.1");
    expect(text).toContain("oma_admin");
    expect(text).not.toContain(privateKey.split("\n")[4]);
  } finally {
    engine.close();
  }
});
