import { afterEach, expect, test } from "vitest";
import { Problem } from "../../common/problem.ts";
import {
  Asset,
  type Context,
  type CreateContext,
  isUnknown,
  type Properties,
  type Provider,
  type ResourceHandler,
} from "../../providers/rpc/index.ts";
import { assetOf, type Engine, engineFor, failureOf, secret, unknownText, urnOf } from "./support/engine.ts";

const token = "example:index:Thing";
const urn = urnOf(token, "one");
const engines: Engine[] = [];

afterEach(() => {
  for (const engine of engines.splice(0)) engine.close();
});

const thing: ResourceHandler = {
  token,
  schema: {
    inputProperties: {
      name: { type: "string", willReplaceOnChanges: true },
      size: { type: "integer" },
      password: { type: "string", secret: true },
      file: { $ref: "pulumi.json#/Asset" },
      triggers: { type: "object", additionalProperties: { type: "string" }, willReplaceOnChanges: true },
      settings: { type: "object", additionalProperties: { type: "string" } },
    },
    properties: {
      name: { type: "string" },
      size: { type: "integer" },
      password: { type: "string", secret: true },
      file: { $ref: "pulumi.json#/Asset" },
      triggers: { type: "object", additionalProperties: { type: "string" } },
      settings: { type: "object", additionalProperties: { type: "string" } },
      address: { type: "string" },
      key: { type: "string", secret: true },
    },
  },
  stable: ["address"],
  create: async (inputs) => ({ id: "id-1", state: { ...inputs, address: "192.0.2.1", key: "k" } }),
  update: async (_old, news) => ({ state: { ...news, address: "192.0.2.1", key: "k" } }),
};

async function start(parts: Partial<ResourceHandler> = {}, more: Partial<Provider> = {}): Promise<Engine> {
  const engine = await engineFor({
    schema: { name: "example", version: "1.2.3" },
    resources: [{ ...thing, ...parts }],
    configure: (config) => config,
    ...more,
  });
  engines.push(engine);
  return engine;
}

test("the schema holds what the handlers declare", async () => {
  const engine = await start();
  const schema = await engine.schema();
  expect(schema.name).toBe("example");
  expect(Object.keys(schema.resources ?? {})).toEqual([token]);
});

test("a handler sees secrets as plain values, and what came secret goes back secret", async () => {
  let seen: Properties = {};
  const engine = await start({
    create: async (inputs) => {
      seen = inputs;
      return { id: "id-1", state: { ...inputs, address: "a", key: "k" } };
    },
  });
  const { state } = await engine.create(urn, {
    name: "n",
    password: "declared",
    settings: { open: "o", hidden: secret("h") },
  });
  expect(seen).toEqual({ name: "n", password: "declared", settings: { open: "o", hidden: "h" } });
  expect(state).toEqual({
    name: "n",
    password: secret("declared"),
    settings: { open: "o", hidden: secret("h") },
    address: "a",
    key: secret("k"),
  });
});

test("when a secret has moved inside an object, the object as a whole stays secret", async () => {
  const engine = await start({
    create: async () => ({ id: "id-1", state: { settings: { renamed: "h" } } }),
  });
  const { state } = await engine.create(urn, { settings: { hidden: secret("h") } });
  expect(state).toEqual({ settings: secret({ renamed: "h" }) });
});

test("checked inputs keep their secrets, and faults name their property", async () => {
  const engine = await start({
    check: (news) => ({
      inputs: { ...news, size: 3 },
      faults: [
        { property: ["triggers", "unit/a.service"], reason: "is empty" },
        { property: "name", reason: "is taken" },
      ],
    }),
  });
  const { inputs, faults } = await engine.check(urn, { password: "p", settings: { a: secret("h") } });
  expect(inputs).toEqual({ password: secret("p"), settings: { a: secret("h") }, size: 3 });
  expect(faults).toEqual({ 'triggers["unit/a.service"]': "is empty", name: "is taken" });
});

test("a preview calls neither create nor update: outputs are inputs, stable ones, or unknown", async () => {
  const refuse = async () => {
    throw new Error("called in a preview");
  };
  const engine = await start({ create: refuse, update: refuse });
  const created = await engine.create(urn, { name: "n", size: unknownText }, { preview: true });
  expect(created.state).toEqual({
    name: "n",
    size: unknownText,
    address: unknownText,
    key: secret(unknownText),
  });
  const old = { inputs: { size: 1 }, state: { size: 1, address: "192.0.2.1", key: secret("k") } };
  const updated = await engine.update(urn, "id-1", old, { size: 2 }, { preview: true });
  expect(updated).toEqual({ size: 2, address: "192.0.2.1", key: secret(unknownText) });
});

test("in a preview of an update, what the object keeps although the program does not say it is known", async () => {
  const { schema } = thing;
  const engine = await start({
    schema: { ...schema, required: ["name", "size", "address"] },
    stable: ["name", "address"],
  });
  const old = { inputs: {}, state: { name: "chosen", size: 1, address: "192.0.2.1", key: "k" } };
  const updated = await engine.update(urn, "id-1", old, { settings: { a: "b" } }, { preview: true });
  expect(updated).toMatchObject({ name: "chosen", address: "192.0.2.1", size: unknownText });
  expect(updated).not.toHaveProperty("triggers");
});

test("unknown values reach check as unknown and leave it as unknown", async () => {
  let unknownSeen = false;
  const engine = await start({
    check: (news) => {
      unknownSeen = isUnknown(news.name) && !isUnknown(news.size);
      return { inputs: news };
    },
  });
  const { inputs } = await engine.check(urn, { name: unknownText, size: 1 });
  expect(unknownSeen).toBe(true);
  expect(inputs).toEqual({ name: unknownText, size: 1 });
});

test("a diff names each moved leaf, map keys included, and whether it replaces", async () => {
  const engine = await start();
  const inputs = { size: 1, settings: { a: "1", gone: "x" }, triggers: { "unit/a.service": "1" } };
  const news = {
    size: 2,
    settings: { a: "1", "new.key": "y" },
    triggers: { "unit/a.service": "2", schema: "3" },
  };
  const answer = await engine.diff(urn, "id-1", { inputs, state: inputs }, news);
  expect(answer).toEqual({
    changes: true,
    deleteBeforeReplace: false,
    replaces: ["triggers"],
    detailed: {
      size: "UPDATE",
      "settings.gone": "DELETE",
      'settings["new.key"]': "ADD",
      'triggers["unit/a.service"]': "UPDATE_REPLACE",
      "triggers.schema": "ADD_REPLACE",
    },
  });
});

test("an equal diff is none, a secret that became plain is equal, and assets compare by content", async () => {
  const engine = await start();
  const inputs = { password: secret("p"), file: assetOf({ hash: "h1" }) };
  const same = { password: "p", file: assetOf({ hash: "h1", path: "./elsewhere" }) };
  expect((await engine.diff(urn, "id-1", { inputs, state: inputs }, same)).changes).toBe(false);
  const other = { password: "p", file: assetOf({ hash: "h2", path: "./elsewhere" }) };
  expect((await engine.diff(urn, "id-1", { inputs, state: inputs }, other)).detailed).toEqual({
    file: "UPDATE",
  });
});

test("without an update every change replaces", async () => {
  const { update: _update, ...fixed } = thing;
  const engine = await engineFor({
    schema: { name: "example", version: "1.0.0" },
    resources: [fixed],
    configure: () => undefined,
  });
  engines.push(engine);
  const answer = await engine.diff(urn, "id-1", { inputs: { size: 1 }, state: { size: 1 } }, { size: 2 });
  expect(answer.detailed).toEqual({ size: "UPDATE_REPLACE" });
});

test("files arrive typed and go back unchanged", async () => {
  let seen: unknown;
  const engine = await start({
    create: async (inputs) => {
      seen = inputs.file;
      return { id: "id-1", state: inputs };
    },
  });
  const file = assetOf({ hash: "h", path: "./a" });
  const { state } = await engine.create(urn, { file });
  expect(seen).toBeInstanceOf(Asset);
  expect(seen).toMatchObject({ hash: "h", path: "./a" });
  expect(state).toEqual({ file });
});

test("what was saved before a failure is in the error, with its secrets wrapped", async () => {
  const engine = await start({
    create: async (inputs, { save }) => {
      save("id-9", { ...inputs, address: "192.0.2.9" });
      throw new Problem({ what: "w", object: "o", because: "token hunter22 was refused", next: "n" });
    },
  });
  const failure = await failureOf(engine.create(urn, { password: secret("hunter22"), size: 1 }));
  expect(failure.partial).toEqual({
    id: "id-9",
    properties: { password: secret("hunter22"), size: 1, address: "192.0.2.9" },
    reasons: [expect.stringContaining("[secret] was refused")],
  });
  expect(failure.text).not.toContain("hunter22");
});

test("a failure before anything was saved carries no state", async () => {
  const engine = await start({
    create: async () => {
      throw new Problem({ what: "cannot create", object: "o", because: "b", next: "n" });
    },
  });
  const failure = await failureOf(engine.create(urn, {}));
  expect(failure.partial).toBeUndefined();
  expect(failure.text).toBe("cannot create: o\n  because: b\n  next:    n");
});

test("a secret shows in no message, neither as it is nor as the API was given it", async () => {
  const text = "#cloud-config\npassword: hunter22\n";
  const engine = await start({
    create: async () => {
      throw new Problem({
        what: "cannot create",
        object: "o",
        because: `bad: ${text} ${Buffer.from(text).toString("base64")} ${Buffer.from(text).toString("base64url")}`,
        next: "n",
      });
    },
  });
  const failure = await failureOf(engine.create(urn, { settings: { hidden: secret(text) } }));
  expect(failure.text).toMatch(/because: bad: \[secret\] \[secret\]=* \[secret\]/u);
});

test("a bug comes with its stack, a problem does not", async () => {
  const engine = await start({
    create: async () => {
      throw new TypeError("x is not a function");
    },
  });
  const failure = await failureOf(engine.create(urn, {}));
  expect(failure.text).toContain("TypeError: x is not a function\n    at ");
});

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

test("cancel stops the work under way, and what was saved survives", async () => {
  let begun = () => {};
  const beginning = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const engine = await start({
    create: async (_inputs, context) => {
      context.save("id-3", { address: "a" });
      begun();
      return untilAborted(context.signal);
    },
  });
  const failing = failureOf(engine.create(urn, {}));
  await beginning;
  await engine.cancel();
  const failure = await failing;
  expect(failure.text).toContain("cancelled by the user");
  expect(failure.partial?.id).toBe("id-3");
});

test("what waits for the engine to have written an object down is done at the end, unless the object goes before", async () => {
  const done: unknown[] = [];
  const engine = await engineFor({
    schema: { name: "example", version: "1.2.3" },
    resources: [
      {
        ...thing,
        create: async (inputs: Properties) => ({
          id: `id-${inputs.name}`,
          state: inputs,
          onceRecorded: async () => {
            done.push(inputs.name);
            if (inputs.name === "failing") throw new Error("it failed");
          },
        }),
      },
    ],
    configure: (config) => config,
  });
  engines.push(engine);
  for (const name of ["one", "failing", "gone"]) await engine.create(urnOf(token, name), { name });
  await engine.delete(urnOf(token, "gone"), "id-gone", {});
  expect(done).toEqual([]);
  await engine.farewell();
  await engine.farewell();
  expect(done).toEqual(["one", "failing"]);
});

test("customTimeouts abort the work and are named", async () => {
  let deadline: Date | undefined;
  const engine = await start({
    create: async (_inputs, context) => {
      deadline = context.deadline;
      return untilAborted(context.signal);
    },
  });
  const failure = await failureOf(engine.create(urn, {}, { timeout: 0.05 }));
  expect(failure.text).toContain("not done within 0.05 s");
  expect(deadline).toBeInstanceOf(Date);
});

test("read: gone, known, and imported by id alone", async () => {
  const engine = await start({
    read: async (id, known) => {
      if (id === "gone") return undefined;
      if (known.state) return { state: { ...known.state, size: 5 } };
      return { state: { size: 7, password: "p" }, inputs: { size: 7, password: "p" } };
    },
  });
  expect(await engine.read(urn, "gone")).toEqual({ id: "", state: {}, inputs: {} });
  const known = { inputs: { settings: { a: secret("s") } }, state: { settings: { a: secret("s") } } };
  expect(await engine.read(urn, "id-1", known)).toEqual({
    id: "id-1",
    state: { settings: { a: secret("s") }, size: 5 },
    inputs: { settings: { a: secret("s") } },
  });
  expect(await engine.read(urn, "id-2")).toEqual({
    id: "id-2",
    state: { size: 7, password: secret("p") },
    inputs: { size: 7, password: secret("p") },
  });
});

test("create knows which object it takes the place of", async () => {
  const predecessors: unknown[] = [];
  const engine = await start({
    create: async (inputs, context: CreateContext<unknown, Properties>) => {
      predecessors.push(context.predecessor);
      return { id: "id-1", state: inputs };
    },
  });
  await engine.create(urnOf(token, "fresh"), {});
  await engine.diff(urnOf(token, "replaced"), "old-id", { inputs: {}, state: {} }, { size: 1 });
  await engine.create(urnOf(token, "replaced"), {});
  await engine.check(urnOf(token, "forced"), { size: 1 }, { size: 1 });
  await engine.create(urnOf(token, "forced"), {});
  expect(predecessors).toEqual([{ kind: "none" }, { kind: "known", id: "old-id" }, { kind: "hidden" }]);
});

test("configuration: numbers arrive as numbers, and a problem in it is told as it is", async () => {
  let config: Properties = {};
  const engine = await start(
    {},
    {
      schema: {
        name: "example",
        version: "1.0.0",
        config: { variables: { url: { type: "string" }, seconds: { type: "integer" } } },
      },
      configure: (given) => {
        config = given;
        if (given.url === undefined) {
          throw new Problem({ what: "no configuration", object: "url", because: "b", next: "n" });
        }
        return {};
      },
      checkConfig: ({ seconds }) =>
        Number(seconds) > 0 ? [] : [{ property: "seconds", reason: "must be above 0" }],
    },
  );
  await engine.configure({ url: secret("http://x"), seconds: "30", version: "1.0.0" });
  expect(config).toEqual({ url: "http://x", seconds: 30 });
  expect((await failureOf(engine.configure({}))).text).toContain("no configuration: url");
  expect(await engine.checkConfig({ seconds: -1 })).toEqual({ seconds: "must be above 0" });
});

test("functions: results, secrets by the schema, and a token that does not exist", async () => {
  const engine = await start(
    {},
    {
      functions: [
        {
          token: "example:index:getThing",
          schema: { outputs: { properties: { key: { type: "string", secret: true } } } },
          invoke: async (args: Properties, context: Context<unknown>) => ({
            key: `${args.name}`,
            hidden: context.secretInputs.length,
          }),
        },
      ],
    },
  );
  expect(await engine.invoke("example:index:getThing", { name: secret("x") })).toEqual({
    key: secret("x"),
    hidden: 1,
  });
  expect((await failureOf(engine.invoke("example:index:getOther", {}))).text).toContain("getOther");
});
