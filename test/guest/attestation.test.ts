import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { attestationOf, isAttested } from "../../providers/guest/machine/attestation.ts";
import { generateKeyPair } from "../../providers/ssh/index.ts";

const token = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const { publicKey } = generateKeyPair("born on first boot");
const [type = "", base64 = ""] = publicKey.split(" ");
const digest = createHmac("sha256", Buffer.from(token, "hex")).update(`${type} ${base64}`).digest("hex");

test("signs type and key with the token's bytes", () => {
  expect(attestationOf(token, publicKey)).toBe(digest);
});

test("accepts the attested key among others, whatever its comment", () => {
  const text = `ecdsa-sha2-nistp256 ${"0".repeat(64)}\n${type} ${digest}\n`;
  expect(isAttested(text, token, publicKey)).toBe(true);
  expect(isAttested(text, token, `${type} ${base64}`)).toBe(true);
});

test.each([
  ["nothing", ""],
  ["another digest", `${type} ${"0".repeat(64)}`],
  ["the digest under another type", `ssh-rsa ${digest}`],
  ["a part of the digest", `${type} ${digest.slice(0, 32)}`],
  ["something that is no digest", `${type} yes`],
  ["the signature of another key", `${type} ${attestationOf(token, generateKeyPair().publicKey)}`],
  ["the signature by another token", `${type} ${attestationOf("ff".repeat(32), publicKey)}`],
])("refuses %s", (_name, text) => {
  expect(isAttested(text, token, publicKey)).toBe(false);
});
