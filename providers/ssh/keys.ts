import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";

export interface KeyPair {
  /** `-----BEGIN OPENSSH PRIVATE KEY-----`, unencrypted, with a final line feed. */
  privateKey: string;
  /** `ssh-ed25519 AAAA... comment`, without a line feed. */
  publicKey: string;
}

/** A fresh ed25519 key pair in the formats of OpenSSH. */
export function generateKeyPair(comment = ""): KeyPair {
  const jwk = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const seed = Buffer.from(jwk.d as string, "base64url");
  const point = Buffer.from(jwk.x as string, "base64url");
  const publicBlob = Buffer.concat([field("ssh-ed25519"), field(point)]);
  return {
    privateKey: armour(privateBlob(publicBlob, seed, point, comment)),
    publicKey: `ssh-ed25519 ${publicBlob.toString("base64")}${comment ? ` ${comment}` : ""}`,
  };
}

/** The openssh-key-v1 container, without encryption. */
function privateBlob(publicBlob: Buffer, seed: Buffer, point: Buffer, comment: string): Buffer {
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    publicBlob,
    field(Buffer.concat([seed, point])),
    field(comment),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, i) => i + 1));
  return Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    uint32(1),
    field(publicBlob),
    field(Buffer.concat([secret, padding])),
  ]);
}

function armour(blob: Buffer): string {
  const lines = blob.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
    "\n",
  );
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** `SHA256:...` as `ssh-keygen -l` prints it, of a public key line or of the key's raw bytes. */
export function fingerprint(key: string | Buffer): string {
  const blob = typeof key === "string" ? parsePublicKeyLine(key).blob : key;
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

export interface PublicKey {
  /** The algorithm's name, e.g. `ssh-ed25519`. */
  type: string;
  blob: Buffer;
}

/** Reads `ssh-ed25519 AAAA... [comment]`. Throws an Error when the text is not such a line. */
export function parsePublicKeyLine(line: string): PublicKey {
  const [type, base64] = line.trim().split(/\s+/);
  if (!type || !base64) throw new Error("not a public key line (`TYPE BASE64`)");
  const blob = Buffer.from(base64, "base64");
  if (blob.length < 5 || keyType(blob) !== type) throw new Error(`not a public key of type ${type}`);
  return { type, blob };
}

/** The host keys of a pin: one line each, empty lines and `#` comments left out. */
export function parsePublicKeyLines(text: string): PublicKey[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map(parsePublicKeyLine);
}

/** A key's raw bytes as a public key line. */
export function publicKeyLine(blob: Buffer): string {
  return `${keyType(blob)} ${blob.toString("base64")}`;
}

function keyType(blob: Buffer): string {
  const length = blob.readUInt32BE(0);
  return blob.subarray(4, 4 + length).toString("latin1");
}
