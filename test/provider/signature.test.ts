import { expect, test } from "vitest";
import { signatureOf, signedForm } from "../../providers/cloudstack/client/signature.ts";

const keys = { apiKey: "K", secretKey: "s" };
const now = new Date("2026-01-01T00:00:00.000Z");

test("values are encoded as Java does: a tilde is escaped, a star is not", () => {
  expect(signedForm("listZones", { name: "a ~b*(c)'!" }, keys, now)).toContain("name=a%20%7Eb*%28c%29%27%21");
});

test("a request expires, told in CloudStack's own form of a time", () => {
  expect(signedForm("listZones", {}, keys, now)).toContain(
    "signatureVersion=3&expires=2026-01-01T00%3A10%3A00%2B0000",
  );
});

test("the order in which parameters are given does not matter, the secret does", () => {
  expect(signatureOf({ b: "2", a: "1" }, "s")).toBe(signatureOf({ a: "1", b: "2" }, "s"));
  expect(signatureOf({ a: "1" }, "s")).not.toBe(signatureOf({ a: "1" }, "t"));
});

test("upper and lower case of a value have one signature, as on the server", () => {
  expect(signatureOf({ name: "Zone" }, "s")).toBe(signatureOf({ name: "zone" }, "s"));
});
