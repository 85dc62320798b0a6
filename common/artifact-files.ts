/** Whether the artifacts' files are there, and are what the manifest says. */
import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ArtifactContent, ExpectedArtifact, KnownBuilds } from "./artifact-manifest.ts";
import { Problem } from "./problem.ts";

/**
 * One Problem for each file that is missing or another one. What comes from a URL is checked by the machine that fetches it.
 * @param root the project's folder
 */
export function artifactFaults(root: string, artifacts: readonly ExpectedArtifact[]): Problem[] {
  return artifacts
    .filter(({ source }) => !source.includes("://"))
    .flatMap((artifact) => faultOf(join(root, artifact.source), artifact) ?? []);
}

function faultOf(path: string, artifact: ExpectedArtifact): Problem | undefined {
  const { name, version, source, sha256, content, builds } = artifact;
  const object = `${name} ${version} (${source})`;
  if (!existsSync(path) || !statSync(path).isFile()) {
    return new Problem({
      what: "missing artifact",
      object,
      because: existsSync(path) ? "it is not a file" : "there is no such file",
      next: `put the file at ${source}, or name another source in the manifest`,
    });
  }
  const strange = content && strangeness(path, content);
  if (strange) {
    return new Problem({
      what: "an artifact that is another kind of file",
      object,
      because: strange,
      next: `file ${source}   # what is it? Then download it again`,
    });
  }
  const { sha256: found, md5 } = digestsOf(path);
  const unfit = builds && unfitness(md5, builds);
  if (unfit) {
    return new Problem({
      what: "a build that must not be shipped",
      object,
      because: unfit,
      next: `md5sum ${source}   # then take a build that is known to be good`,
    });
  }
  if (found === sha256) return undefined;
  return new Problem({
    what: "wrong artifact",
    object,
    because: `its SHA-256 is ${found}, the manifest says ${sha256}`,
    next: `sha256sum ${source}   # is it the right file? Then put this digest into the manifest`,
  });
}

function strangeness(path: string, { kind, signature, atLeastBytes }: ArtifactContent): string | undefined {
  const { size } = statSync(path);
  if (size < atLeastBytes) return `it has ${size} bytes; ${kind} has at least ${atLeastBytes}`;
  const seen = Buffer.alloc(signature.text.length);
  withFile(path, (file) => readSync(file, seen, 0, seen.length, signature.offset));
  if (seen.toString("latin1") === signature.text) return undefined;
  return `it is not ${kind}: byte ${signature.offset} does not begin "${signature.text}"`;
}

function unfitness(md5: string, { bad, good }: KnownBuilds): string | undefined {
  const found = bad.find((build) => md5.startsWith(build.md5));
  if (found) return `its MD5 is ${md5}, and of that build is known: ${found.reason}`;
  if (good === undefined || md5.startsWith(good)) return undefined;
  return `its MD5 is ${md5}, and the build that is known by this version has ${good}`;
}

/** Read piece by piece: an image of a disk does not fit into memory. */
function digestsOf(path: string): { sha256: string; md5: string } {
  const hashes = [createHash("sha256"), createHash("md5")] as const;
  const piece = Buffer.alloc(1024 * 1024);
  withFile(path, (file) => {
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
      for (const hash of hashes) hash.update(piece.subarray(0, length));
    }
  });
  const [sha256, md5] = hashes;
  return { sha256: sha256.digest("hex"), md5: md5.digest("hex") };
}

function withFile(path: string, read: (file: number) => void): void {
  const file = openSync(path, "r");
  try {
    read(file);
  } finally {
    closeSync(file);
  }
}
