/** Every parameter of every command, with everything that a client might send: a refusal in the API's words at worst. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Command } from "../../lab/api/command.ts";
import { allCommands } from "../../lab/api/registry.ts";
import { tableNames } from "../../lab/cloud/model.ts";
import { type InProcess, openInProcess } from "./support/in-process.ts";

let lab: InProcess;

beforeAll(async () => {
  lab = await openInProcess();
});
afterAll(() => lab.end());

/** Codes that CloudStack has; whatever else is a bug of the lab. */
const known = [200, 430, 431, 530, 531, 533];

const nasty = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom(
    "",
    " ",
    "-1",
    "0",
    "1",
    "true",
    "false",
    "null",
    "undefined",
    "NaN",
    "1e9",
    "9".repeat(30),
  ),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "../../etc/passwd",
    "a,b,,c",
    "%00",
    "%zz",
    "<x>&amp;",
  ),
  fc.constantFrom(
    "2026-01-01",
    "2026-13-45",
    "11111111-2222-3333-4444-555555555555",
    "10.213.0.99",
    "self",
    "all",
  ),
  fc.integer({ min: 200, max: 6000 }).map((length) => "x".repeat(length)),
);

/** Ids of things that are there get a request past the first checks. */
function knownIds(): fc.Arbitrary<string> {
  const ids = tableNames.flatMap((table) => [...lab.lab.cloud.store.all(table)].map(({ id }) => id));
  return fc.constantFrom(...ids);
}

function requestOf(command: Command): fc.Arbitrary<Record<string, string>> {
  const fields = Object.entries(command.params).map(([name, parameter]) => {
    const value = parameter.type === "uuid" ? fc.oneof(knownIds(), nasty) : nasty;
    if (parameter.type !== "map")
      return fc.record({ [name]: value }, { requiredKeys: parameter.isRequired ? [name] : [] });
    const key = fc.constantFrom(
      "0].key",
      "0].value",
      "1].key",
      "x].key",
      "0]",
      "0].__proto__",
      "999999999999].a",
      "-1].a",
    );
    return fc.tuple(key, nasty).map(([rest, text]) => ({ [`${name}[${rest}`]: text }));
  });
  return fc.tuple(...fields).map((parts) => Object.assign({}, ...parts, { command: command.name }));
}

test.each(allCommands.map((command) => [command.name, command] as const))("%s", async (_, command) => {
  await fc.assert(
    fc.asyncProperty(
      requestOf(command),
      fc.constantFrom("GET" as const, "POST" as const),
      async (fields, method) => {
        const before = lab.logged.length;
        const answer = await lab.send(fields, { method });
        await lab.lab.cloud.jobs.idle();
        expect(known).toContain(answer.status);
        const content = JSON.parse(answer.body);
        expect(Object.keys(content)).toEqual([`${command.name.toLowerCase()}response`]);
        // What the lab itself did not expect goes to its log with a stack.
        expect(lab.logged.slice(before).filter((line) => line.includes("\n    at "))).toEqual([]);
      },
    ),
    { numRuns: command.kind === "async" ? 60 : 40 },
  );
});

test("a stranger learns nothing, whatever is asked", async () => {
  const anything = fc.dictionary(fc.string({ maxLength: 20 }), nasty, { maxKeys: 8 });
  await fc.assert(
    fc.asyncProperty(anything, async (fields) => {
      const answer = await lab.send(fields, { signed: false });
      expect(answer.status).toBe(401);
    }),
    { numRuns: 300 },
  );
});

test("the guard of this test sees a fault: an unexpected error is logged with its stack and answered as 530", async () => {
  const { cloud } = lab.lab;
  const original = cloud.store.filter;
  cloud.store.filter = () => {
    throw new TypeError("planted");
  };
  const answer = await lab.send({ command: "listVirtualMachines" }).finally(() => {
    cloud.store.filter = original;
  });
  expect(answer.status).toBe(530);
  expect(answer.body).not.toContain("planted");
  expect(lab.logged.at(-1)).toContain("\n    at ");
});
