/** Who may call: signatures over the wire, and everything that breaks them. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, exchange, type Fields, sign } from "./support/client.ts";
import { LabProcess } from "./support/process.ts";

const lab = new LabProcess();
let client: Client;

beforeAll(async () => {
  client = await lab.up();
});
afterAll(() => lab.end());

const refusal = {
  uuidList: [],
  errorcode: 401,
  errortext: "unable to verify user credentials and/or request signature",
};
const zones = { command: "listZones" };
const inMinutes = (minutes: number, zone: string) =>
  new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 19) + zone;

const accepted: [string, Fields][] = [
  ["without a version", zones],
  ["an unknown parameter", { ...zones, nosuchparam: "x" }],
  ["a parameter in capitals", { ...zones, AVAILABLE: "true" }],
  ["~ signed as %7e", { ...zones, keyword: "a~b" }],
  ["* signed as it is", { ...zones, keyword: "a*b" }],
  ["space, plus, slash", { ...zones, keyword: "a b+c/d=e,f" }],
  ["brackets and quotes", { ...zones, keyword: "(a)!'b'" }],
  ["beyond ASCII", { ...zones, keyword: "grün 日本" }],
  ["expires +0000", { ...zones, signatureVersion: 3, expires: inMinutes(10, "+0000") }],
  ["expires Z", { ...zones, signatureVersion: 3, expires: inMinutes(10, "Z") }],
  ["expires +00:00", { ...zones, signatureVersion: 3, expires: inMinutes(10, "+00:00") }],
  ["expires in a year", { ...zones, signatureVersion: 3, expires: inMinutes(525_600, "+0000") }],
  ["expires alone is not looked at", { ...zones, expires: inMinutes(-10, "+0000") }],
];

test.each(accepted)("accepted: %s", async (_, fields) => {
  expect((await client.raw(fields)).status).toBe(200);
  expect((await client.raw(fields, "POST")).status).toBe(200);
});

const refused: [string, Fields][] = [
  ["expired", { ...zones, signatureVersion: 3, expires: inMinutes(-1, "+0000") }],
  ["no expires", { ...zones, signatureVersion: 3 }],
  ["expires that is no date", { ...zones, signatureVersion: 3, expires: "tomorrow" }],
  ["another's key", { ...zones, apiKey: "nobody" }],
  ["no signature", { ...zones, signature: "" }],
  ["a wrong signature", { ...zones, signature: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }],
];

test.each(refused)("refused: %s", async (_, fields) => {
  const reply = await client.raw(fields);
  expect(reply.status).toBe(401);
  expect(reply.body).toEqual({ listzonesresponse: refusal });
  expect(reply.headers["x-description"]).toBeUndefined();
});

test.each(["listZonez", "listzones", ""])("refused as a stranger's: command %j", async (command) => {
  const reply = await client.raw({ command });
  expect(reply.status).toBe(401);
  expect(reply.body).toEqual({ errorresponse: refusal });
});

test("of a command that it has not the lab's log says so, to whoever has keys", async () => {
  await client.raw({ command: "listVPCs\nlistZones" });
  await client.raw({ command: "listSecrets", signature: "none" });
  expect(lab.log()).toContain('the lab has no command "listVPCs\\nlistZones": docs/lab-coverage.md');
  expect(lab.log()).not.toContain("listSecrets");
});

test.each([
  ["~ left as it is", "a~b", "a~b"],
  ["* as %2a", "a*b", "a%2ab"],
])("refused: RFC 3986's way, %s", async (_, keyword, encoded) => {
  const { url, apiKey, secretKey } = client.target;
  const { createHmac } = await import("node:crypto");
  const text = `apikey=${apiKey}&command=listzones&keyword=${encoded}&response=json`.toLowerCase();
  const signature = createHmac("sha1", secretKey).update(text).digest("base64");
  const query = new URLSearchParams({ apiKey, command: "listZones", keyword, response: "json", signature });
  expect((await exchange(url, "GET", query.toString())).status).toBe(401);
});

test("names are sorted before anything is lower-cased", async () => {
  // apiKey < command as they are; lower-casing first would not change that, Zone and zebra it would.
  expect((await client.raw({ ...zones, Zone: "1", zebra: "2", Apple: "3" })).status).toBe(200);
});

test("of a repeated name the first value counts, in query and signature", async () => {
  const { url, apiKey, secretKey } = client.target;
  const fields = { apiKey, command: "listZones", response: "json", name: "lab-zone" };
  const query = new URLSearchParams([
    ...Object.entries(fields),
    ["name", "nope"],
    ["signature", sign(fields, secretKey)],
  ]);
  const reply = await exchange(url, "GET", query.toString());
  expect(reply.body.listzonesresponse.count).toBe(1);
});

test("any text a client signs is understood as it was meant", async () => {
  const printable = fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the server refuses these as values
    return !/[\x00-\x1f\x7f]/.test(text) && text.isWellFormed();
  });
  await fc.assert(
    fc.asyncProperty(printable, fc.constantFrom("GET" as const, "POST" as const), async (keyword, method) => {
      const reply = await client.raw({ ...zones, keyword }, method);
      expect(reply.status).toBe(200);
    }),
    { numRuns: 200 },
  );
});

test("no changed parameter passes under the old signature, unless by letter case", async () => {
  const { url, apiKey, secretKey } = client.target;
  await fc.assert(
    fc.asyncProperty(
      fc.stringMatching(/^[a-z0-9]{1,12}$/),
      fc.stringMatching(/^[a-z0-9]{1,12}$/),
      async (was, is) => {
        fc.pre(was !== is);
        const fields = { apiKey, command: "listZones", response: "json", keyword: was };
        const query = new URLSearchParams({ ...fields, keyword: is, signature: sign(fields, secretKey) });
        expect((await exchange(url, "GET", query.toString())).status).toBe(401);
      },
    ),
    { numRuns: 100 },
  );
});

test("XML where JSON is not asked for", async () => {
  const reply = await client.raw({ ...zones, response: undefined });
  expect(reply.status).toBe(200);
  const asked = await client.raw({ ...zones, response: "xml" });
  expect(asked.text).toMatch(
    /^<\?xml version="1.0" encoding="UTF-8"\?><listzonesresponse cloud-stack-version="4.22.0.0"><count>2<\/count><zone><id>/,
  );
});

test("an answer in XML can be read, whatever was named", async () => {
  const xml = async (fields: Fields) => (await client.raw({ response: "xml", ...fields })).text;
  await client.call("registerUserData", { name: "<&'\uFFFE\uFFFF😀\n", userdata: "aGVsbG8=" });
  expect(await xml({ command: "listUserData" })).toContain("<name>&#60;&#38;&#39;\uFFFD\uFFFD😀\n</name>");
  const refusal = await xml({ command: "listUserData", name: "a\u0001b" });
  expect(refusal).toContain("Received value a\uFFFDb for parameter name is invalid");
});

test("a URL beyond what the server's web container takes: 414 and no JSON", async () => {
  const reply = await client.raw({ ...zones, x: "y".repeat(9000) });
  expect(reply.status).toBe(414);
  expect(reply.text).toContain("URI Too Long");
  expect((await client.raw({ ...zones, x: "y".repeat(9000) }, "POST")).status).toBe(200);
});

test("a body beyond 1 MiB is not read to its end", async () => {
  const reply = await client.raw({ ...zones, x: "y".repeat(1_048_576) }, "POST").catch((error) => error);
  // The answer may come before all is sent, and the connection is closed with it.
  if (reply instanceof Error) expect(reply.message).toMatch(/EPIPE|ECONNRESET|hang up/);
  else expect(reply.status).toBe(413);
  expect((await client.raw({ ...zones, x: "y".repeat(1_000_000) }, "POST")).status).toBe(200);
});
