/** SSH public keys: reading, fingerprint, registering. */
import { createHash, type KeyObject } from "node:crypto";
import type { Cloud } from "./cloud.ts";
import { invalidValue } from "./failure.ts";
import type { Account, KeyPair } from "./model.ts";

const types = [
  "ssh-rsa",
  "ssh-dss",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "ssh-ed25519",
];

/** A name is given once in an account, and so is a key. */
export function addKeyPair(cloud: Cloud, owner: Account, name: string, given: string): KeyPair {
  const { store } = cloud;
  const line = given.trim().includes(" ")
    ? given.trim()
    : Buffer.from(given, "base64").toString("utf8").trim();
  const { publicKey, fingerprint } = read(line);
  const own = store.filter("keyPairs", (row) => row.accountId === owner.id);
  if (own.some((row) => row.name === name)) {
    throw invalidValue(`A key pair with name '${name}' already exists for this account.`);
  }
  if (own.some((row) => row.publicKey === publicKey)) {
    throw invalidValue(`A key pair with key '${given}' already exists for this account.`);
  }
  const pair = {
    id: store.newId("keyPairs"),
    number: store.nextNumber("keyPairs"),
    name,
    accountId: owner.id,
    publicKey,
    fingerprint,
  };
  store.transaction(() => store.put("keyPairs", pair));
  return pair;
}

/** Type and key without the comment; the blob must say the same type as the line. */
function read(line: string): { publicKey: string; fingerprint: string } {
  const [type = "", key = ""] = line.split(/\s+/);
  const blob = Buffer.from(key, "base64");
  const claimed = blob.length > 4 ? blob.subarray(4, 4 + blob.readUInt32BE(0)).toString("latin1") : "";
  if (!types.includes(type) || claimed !== type || !/^[A-Za-z0-9+/]+={0,2}$/.test(key)) {
    throw invalidValue("Public key is invalid");
  }
  const digest = createHash("md5").update(blob).digest("hex");
  return { publicKey: `${type} ${key}`, fingerprint: (digest.match(/../g) ?? []).join(":") };
}

/** OpenSSH line of an RSA key. */
export function sshLine(key: KeyObject): string {
  const { n = "", e = "" } = key.export({ format: "jwk" });
  const parts = [Buffer.from("ssh-rsa"), integer(e), integer(n)].flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return [length, part];
  });
  return `ssh-rsa ${Buffer.concat(parts).toString("base64")}`;
}

/** As SSH writes it: never negative. */
function integer(base64: string): Buffer {
  const bytes = Buffer.from(base64, "base64url");
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}
