/** What holds for every request and every answer, tried with thousands of made-up ones. */
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { z } from "zod";
import { isSigned } from "../../lab/api/signature.ts";
import * as answers from "../../providers/cloudstack/client/answers.ts";
import { javaEncoded, signatureOf, signedForm } from "../../providers/cloudstack/client/signature.ts";
import { cloudAnswering } from "./support/cloud.ts";

const word = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });
/** Names as clients send them: letters, brackets and points. */
const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9[\].]{0,20}$/);
const parameters = fc.dictionary(name, word, { maxKeys: 12 });

/** Java's URLEncoder, byte by byte from its documentation, with %20 for the plus sign. */
function reference(text: string): string {
  const plain = /[A-Za-z0-9.*_-]/;
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (byte < 128 && plain.test(character)) return character;
      return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

test("every value is encoded as Java does it", () => {
  fc.assert(
    fc.property(word, (text) => {
      expect(javaEncoded(text)).toBe(reference(text));
      expect(decodeURIComponent(javaEncoded(text))).toBe(text);
    }),
    { numRuns: 2000 },
  );
});

test("every byte of ASCII is encoded as Java does it", () => {
  for (let code = 0; code < 128; code++) {
    const character = String.fromCharCode(code);
    expect(javaEncoded(character), `character ${code}`).toBe(reference(character));
  }
});

test("the signature is the digest of sorted, lower-cased names and values", () => {
  fc.assert(
    fc.property(parameters, word, (given, secret) => {
      const text = Object.keys(given)
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        .map((key) => `${key}=${reference(given[key] ?? "")}`)
        .join("&")
        .toLowerCase();
      expect(signatureOf(given, secret)).toBe(createHmac("sha1", secret).update(text).digest("base64"));
    }),
    { numRuns: 2000 },
  );
});

test("what is sent is what was signed: a server that parses the form finds the signature good, and no other", () => {
  fc.assert(
    fc.property(parameters, (given) => {
      const keys = { apiKey: "key", secretKey: "secret" };
      const now = new Date("2026-01-01T00:00:00Z");
      const { command: _, ...rest } = given;
      const form = new URLSearchParams(signedForm("listZones", rest, keys, now));
      const received = new Map(form);
      expect(isSigned(received, keys, now)).toBe(true);
      expect(isSigned(received, { ...keys, secretKey: "other" }, now)).toBe(false);
      expect(isSigned(received, keys, new Date("2026-01-01T00:11:00Z"))).toBe(false);
      expect(isSigned(new Map([...received, ["name0", "added"]]), keys, now)).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

const objects: Readonly<Record<string, z.ZodType>> = {
  account: answers.account,
  affinityGroup: answers.affinityGroup,
  firewallRule: answers.firewallRule,
  instance: answers.instance,
  instanceSnapshot: answers.instanceSnapshot,
  network: answers.network,
  portForwardingRule: answers.portForwardingRule,
  publicAddress: answers.publicAddress,
  securityGroup: answers.securityGroup,
  snapshot: answers.snapshot,
  template: answers.template,
  userData: answers.userData,
  volume: answers.volume,
};

test.each(Object.entries(objects))("%s: whatever the other fields hold, the id is kept", (_, schema) => {
  const fields = Object.keys((schema as z.ZodObject).shape).filter((field) => field !== "id");
  const anything = fc.record(
    Object.fromEntries(fields.map((field) => [field, fc.anything({ maxDepth: 2 })])),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      anything,
      fc.oneof(fc.uuid(), fc.nat()),
      fc.dictionary(name, fc.anything()),
      (odd, id, unknown) => {
        const row = schema.parse({ ...unknown, ...odd, id }) as { id: string };
        expect(row.id).toBe(String(id));
      },
    ),
    { numRuns: 500 },
  );
});

test("numbers and truth values mean the same as text, as older servers send them", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.nat(), fc.boolean(), (id, size, ready) => {
      const typed = answers.template.parse({ id, size, isready: ready });
      const spelt = answers.template.parse({ id, size: String(size), isready: String(ready) });
      expect(spelt).toEqual(typed);
      expect(typed).toMatchObject({ size, isready: ready });
    }),
  );
});

test("a list comes whole, in pages or at once, with a count or without, whatever a page holds", async () => {
  const { signal } = new AbortController();
  const pages = fc.oneof(
    fc.constant({ size: 500, counted: false }),
    fc.record({ size: fc.constantFrom(20, 500), counted: fc.constant(true) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 1600 }), pages, async (total, { size, counted }) => {
      const all = Array.from({ length: total }, (_, index) => ({ id: `id-${index}`, name: "z" }));
      const cloud = cloudAnswering((asked) => {
        const page = Number(asked.get("page") ?? 1);
        const rows = Number(asked.get("pagesize") ?? size);
        const zone = all.slice((page - 1) * rows, page * rows);
        return zone.length === 0 ? {} : { zone, ...(counted && { count: total }) };
      });
      const rows = await cloud.list("listZones", answers.zone, {}, signal);
      expect(rows.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    }),
    { numRuns: 60 },
  );
});
