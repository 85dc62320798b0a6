/** What a program's file tells: its digest, its format, and the versions that are written in it. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

export interface Binary {
  /** The artifact's name: "oma-api". */
  name: string;
  path: string;
  kind: "file" | "tar";
  sha256: string;
  /** undefined for a file that is no ELF. */
  elf: { bits: 32 | 64; machine: string } | undefined;
  /** Names of versions in it, such as "v2.28.0-credential-replacement-complete", each once. */
  versions: readonly string[];
  /** Versions of the known-bad list that stand in it. */
  bad: readonly string[];
  /** A private key with its body. */
  privateKey: boolean;
}

const machines: Readonly<Record<number, string>> = {
  3: "x86",
  40: "arm",
  62: "x86-64",
  183: "arm64",
  243: "riscv",
};
const versionName = /\bv\d+\.\d+\.\d+-[a-z][a-z0-9]*(?:-[a-z0-9]+)+\b/gu;
const privateKey = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{64}/u;
/** A name or key that lies across two pieces of the file is still seen. */
const overlap = 512;

/**
 * @param file on disk
 * @param badVersions of the known-bad list for this artifact
 * @param onBytes called with the number of bytes of each piece
 */
export async function readBinary(
  file: string,
  parts: Pick<Binary, "name" | "path" | "kind">,
  badVersions: readonly string[],
  onBytes: (count: number) => void,
): Promise<Binary> {
  const hash = createHash("sha256");
  const versions = new Set<string>();
  const bad = new Set<string>();
  let head: Buffer | undefined;
  let rest = "";
  let keyed = false;
  for await (const piece of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    const bytes = piece as Buffer;
    head ??= bytes;
    hash.update(bytes);
    onBytes(bytes.length);
    if (parts.kind === "tar") continue;
    const text = rest + bytes.toString("latin1");
    for (const [version] of text.matchAll(versionName)) versions.add(version);
    for (const version of badVersions) if (text.includes(version)) bad.add(version);
    keyed ||= privateKey.test(text);
    rest = text.slice(-overlap);
  }
  return {
    ...parts,
    sha256: hash.digest("hex"),
    elf: head && elfOf(head),
    versions: [...versions].sort(),
    bad: [...bad],
    privateKey: keyed,
  };
}

function elfOf(head: Buffer): Binary["elf"] {
  if (head.length < 20 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
  return { bits: head[4] === 2 ? 64 : 32, machine: machines[machine] ?? `machine ${machine}` };
}
