/**
 * The list of binaries that go into an appliance: what each is, where it comes from, its digest, and where it goes.
 * Versions that are known to be bad stand in the same file with their reasons, and are refused.
 */
import { parse } from "yaml";
import { z } from "zod";
import { Problem, Problems } from "./problem.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/u, "must be a SHA-256 in lower-case hexadecimal");
const text = z.string().min(1, "must not be empty");

const artifact = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/u, "must be lower-case letters, digits and hyphens"),
  version: text,
  sha256,
  source: text.refine(isFetchable, "must be a path in the project or an https:// address"),
  target: z.string().regex(/^\/[^\s]+[^\s/]$/u, "must be an absolute path"),
  owner: z.string().regex(/^[a-z_][a-z0-9_-]*:[a-z_][a-z0-9_-]*$/u, "must be user:group"),
  mode: z.string().regex(/^0[0-7]{3}$/u, 'must be four octal digits in quotes, such as "0755"'),
  kind: z.enum(["file", "tar"]).default("file"),
  /** Of a tar: how many leading folders are taken off the names of its members. */
  strip: z.int().min(0).max(9).default(0),
});

/** As old records have it: the whole MD5, or so many of its first digits as somebody wrote down. */
const md5 = z
  .string()
  .regex(/^[0-9a-f]{8,32}$/u, "must be the first 8 digits or more of an MD5 in lower case");

const knownBad = z.strictObject({
  name: text,
  version: text,
  /** Another build of the same version may be good: then the digest tells them apart. */
  sha256: sha256.optional(),
  md5: md5.optional(),
  reason: text,
});

const knownGood = z.strictObject({ name: text, version: text, md5 });

const manifest = z.strictObject({
  knownBad: z.array(knownBad).default([]),
  /** A file that calls itself one of these must be it. */
  knownGood: z.array(knownGood).default([]),
  artifacts: z.array(artifact).min(1, "must name at least one artifact"),
});

export type Artifact = z.infer<typeof artifact>;
/** What a file looks like that is what it says, beside its digest: the digest may be that of a wrong file. */
export interface ArtifactContent {
  /** For messages: "an ISO 9660 image". */
  kind: string;
  /** ASCII text that stands at a byte of the file. */
  signature: { offset: number; text: string };
  /** A file of fewer bytes is cut off, or another one. */
  atLeastBytes: number;
}

/** What is known of an artifact's builds by their MD5, from a time that wrote down no other digest. */
export interface KnownBuilds {
  bad: readonly { md5: string; reason: string }[];
  /** The MD5 that the artifact's own version has; absent when nobody wrote one down. */
  good?: string;
}

export type ExpectedArtifact = Artifact & { content?: ArtifactContent; builds?: KnownBuilds };
export type KnownBad = z.infer<typeof knownBad>;
export type ArtifactManifest = z.infer<typeof manifest>;

/**
 * @param path of the manifest, for messages
 * @throws Problems with every fault: malformed entries, names and targets that stand twice, known-bad versions
 */
export function parseArtifactManifest(path: string, content: string): ArtifactManifest {
  const parsed = manifest.safeParse(readYaml(path, content));
  if (!parsed.success) {
    throw new Problems(
      `The manifest ${path} cannot be used`,
      parsed.error.issues.map((issue) => malformed(path, issue)),
    );
  }
  const faults = [
    ...twice(path, parsed.data.artifacts, "name"),
    ...twice(path, parsed.data.artifacts, "target"),
    ...refused(path, parsed.data),
  ];
  if (faults.length > 0) throw new Problems(`The manifest ${path} cannot be used`, faults);
  return parsed.data;
}

/** What the manifest knows of this artifact's builds; undefined when that is nothing. */
export function knownBuilds(
  manifest: ArtifactManifest,
  { name, version }: Artifact,
): KnownBuilds | undefined {
  const bad = manifest.knownBad.flatMap((entry) =>
    entry.name === name && entry.md5 ? { md5: entry.md5, reason: entry.reason.trim() } : [],
  );
  const good = manifest.knownGood.find((entry) => entry.name === name && entry.version === version)?.md5;
  if (bad.length === 0 && good === undefined) return undefined;
  return { bad, ...(good !== undefined && { good }) };
}

function isFetchable(source: string): boolean {
  return source.includes("://")
    ? source.startsWith("https://") && URL.canParse(source)
    : !source.startsWith("/");
}

function readYaml(path: string, content: string): unknown {
  try {
    return parse(content);
  } catch (error) {
    throw new Problem({
      what: "the manifest is no YAML",
      object: path,
      because: error instanceof Error ? error.message : String(error),
      next: `edit ${path}`,
      cause: error,
    });
  }
}

function malformed(path: string, issue: z.core.$ZodIssue): Problem {
  const place = issue.path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("");
  return new Problem({
    what: "malformed entry of the manifest",
    object: `${path}: ${place.replace(/^\./u, "") || "the whole file"}`,
    because: issue.message,
    next: `edit ${path}`,
  });
}

function twice(path: string, artifacts: readonly Artifact[], property: "name" | "target"): Problem[] {
  const values = artifacts.map((each) => each[property]);
  const repeated = new Set(values.filter((value, index) => values.indexOf(value) !== index));
  return [...repeated].map(
    (value) =>
      new Problem({
        what: `two artifacts with one ${property}`,
        object: `${path}: ${value}`,
        because: `each ${property} stands for one artifact`,
        next: `edit ${path}`,
      }),
  );
}

function refused(path: string, { artifacts, knownBad: bad }: ArtifactManifest): Problem[] {
  return artifacts.flatMap((each) => {
    const found = bad.find(
      (entry) =>
        entry.name === each.name &&
        (entry.sha256 === each.sha256 ||
          (entry.sha256 === undefined && entry.md5 === undefined && entry.version === each.version)),
    );
    if (!found) return [];
    return [
      new Problem({
        what: "a version that is known to be bad",
        object: `${each.name} ${each.version}`,
        because: found.reason.trim(),
        next: `take another version in ${path}`,
      }),
    ];
  });
}
