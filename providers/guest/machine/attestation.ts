/** How a machine proves its freshly made host key: it signs the key with a token that only it was told. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { parsePublicKeyLine } from "../../ssh/index.ts";

/** Lines `<type> <hex HMAC-SHA256>`, one for each host key; written by the first boot. */
export const attestationPath = "/etc/ossea/host-key-attestation";

/**
 * @param token hex; its bytes are the HMAC's key, as in `openssl dgst -sha256 -mac HMAC -macopt hexkey:...`
 * @param hostKey "ssh-ed25519 AAAA..."; type and base64 are what is signed
 */
export function attestationOf(token: string, hostKey: string): string {
  const { type, blob } = parsePublicKeyLine(hostKey);
  return createHmac("sha256", Buffer.from(token, "hex"))
    .update(`${type} ${blob.toString("base64")}`)
    .digest("hex");
}

/** Whether the text attests this key. A machine in the middle cannot: it shows a key of its own, without the token. */
export function isAttested(text: string, token: string, hostKey: string): boolean {
  const { type } = parsePublicKeyLine(hostKey);
  const expected = Buffer.from(attestationOf(token, hostKey), "hex");
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/u))
    .some(
      ([name, digest = ""]) =>
        name === type &&
        /^[0-9a-f]{64}$/u.test(digest) &&
        timingSafeEqual(Buffer.from(digest, "hex"), expected),
    );
}
