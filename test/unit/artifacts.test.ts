import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { artifactFaults } from "../../common/artifact-files.ts";
import { knownBuilds, parseArtifactManifest } from "../../common/artifact-manifest.ts";
import { Problem, Problems } from "../../common/problem.ts";
import { root } from "../../toolchain/project.ts";

const path = "assets/oma/artifacts.yaml";
const text = readFileSync(join(root, path), "utf8");
const digest = "a".repeat(64);
const good = {
  name: "oma-api",
  version: "v1",
  sha256: digest,
  source: "binaries/oma-api",
  target: "/opt/migratekit/bin/oma-api",
  owner: "oma_admin:oma_admin",
  mode: "0755",
};

function faultsOf(manifest: unknown): string[] {
  try {
    parseArtifactManifest("m.yaml", typeof manifest === "string" ? manifest : stringify(manifest));
  } catch (error) {
    if (error instanceof Problems) return error.problems.map(({ message }) => message);
    if (error instanceof Problem) return [error.message];
    throw error;
  }
  return [];
}

test("the committed manifest is good, and its files are what it says", () => {
  const { artifacts } = parseArtifactManifest(path, text);
  expect(artifacts.map(({ name }) => name)).toEqual(["oma-api", "volume-daemon", "migration-gui"]);
  expect(artifactFaults(root, artifacts)).toEqual([]);
});

test("the first version that is known to be bad is the one that crashed on a new appliance's database", () => {
  expect(parse(text).knownBad[0]).toMatchObject({
    name: "oma-api",
    version: "v2.29.3-update-config-fix",
    reason: expect.stringContaining("crashes"),
  });
});

test("a version that is known to be bad is refused with its reason, also under another name of the same digest", () => {
  const reason = "it crashes";
  const byVersion = { knownBad: [{ name: "oma-api", version: "v1", reason }], artifacts: [good] };
  expect(faultsOf(byVersion).join()).toMatch(/oma-api v1\n.*because: it crashes/u);
  const byDigest = {
    knownBad: [{ name: "oma-api", version: "v0", sha256: digest, reason }],
    artifacts: [good],
  };
  expect(faultsOf(byDigest)).toHaveLength(1);
});

test("another build of the same version is not the bad one when the digest is told", () => {
  const knownBad = [{ name: "oma-api", version: "v1", sha256: "b".repeat(64), reason: "r" }];
  expect(faultsOf({ knownBad, artifacts: [good] })).toEqual([]);
});

test("the VMA's manifest is good, its files are what it says, and the build that mixed up disks comes first", () => {
  const vma = "assets/vma/artifacts.yaml";
  const { artifacts, knownBad } = parseArtifactManifest(vma, readFileSync(join(root, vma), "utf8"));
  expect(artifacts.map(({ name }) => name)).toEqual([
    "migratekit",
    "vma-api-server",
    "vddk",
    "nbdkit-vddk-plugin",
  ]);
  expect(artifactFaults(root, artifacts)).toEqual([]);
  expect(knownBad[0]).toMatchObject({
    name: "vma-api-server",
    md5: "def32662",
    reason: expect.stringContaining("one NBD target"),
  });
  for (const { name, version } of artifacts)
    expect([name, version]).toEqual([name, /^demo-/u.exec(version)?.input]);
});

describe("builds that are known by the first digits of an MD5 alone", () => {
  const binary = "binary";
  const md5 = createHash("md5").update(binary).digest("hex").slice(0, 8);
  const sha256 = createHash("sha256").update(binary).digest("hex");
  const built = { ...good, sha256 };

  function told(parts: object): string[] {
    const folder = mkdtempSync(join(tmpdir(), "artifacts-"));
    try {
      mkdirSync(join(folder, "binaries"));
      writeFileSync(join(folder, built.source), binary);
      const manifest = parseArtifactManifest("m.yaml", stringify({ artifacts: [built], ...parts }));
      const expected = manifest.artifacts.map((artifact) => {
        const builds = knownBuilds(manifest, artifact);
        return { ...artifact, ...(builds && { builds }) };
      });
      return artifactFaults(folder, expected).map(({ message }) => message);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  test("a bad one is refused under whatever version it comes", () => {
    const bad = { name: "oma-api", version: "another", md5, reason: "it mixes up disks" };
    expect(told({ knownBad: [bad] }).join()).toMatch(
      /a build that must not be shipped: oma-api v1[\s\S]*it mixes up disks/u,
    );
    expect(told({ knownBad: [{ ...bad, md5: "0".repeat(8) }] })).toEqual([]);
    expect(told({ knownBad: [{ ...bad, name: "volume-daemon" }] })).toEqual([]);
  });

  test("one that calls itself a known version must be that build", () => {
    const known = { name: "oma-api", version: "v1", md5 };
    expect(told({ knownGood: [known] })).toEqual([]);
    expect(told({ knownGood: [{ ...known, md5: "0".repeat(8) }] }).join()).toContain(
      "the build that is known by this version has 00000000",
    );
    expect(told({ knownGood: [{ ...known, version: "v2", md5: "0".repeat(8) }] })).toEqual([]);
  });
});

test.each<[string, object, RegExp]>([
  ["a digest that is none", { sha256: "abc" }, /artifacts\[0\]\.sha256/u],
  ["a mode without quotes", { mode: 755 }, /artifacts\[0\]\.mode/u],
  ["a relative target", { target: "bin/oma-api" }, /artifacts\[0\]\.target/u],
  ["a source over http", { source: "http://example.com/oma-api" }, /artifacts\[0\]\.source/u],
  ["an absolute source", { source: "/root/oma-api" }, /artifacts\[0\]\.source/u],
  ["a mistyped key", { sha: digest }, /sha/u],
])("%s is refused with its place", (_what, planted, place) => {
  expect(faultsOf({ artifacts: [{ ...good, ...planted }] }).join()).toMatch(place);
});

test("all faults are told at once, repeated names and targets too", () => {
  expect(faultsOf({ artifacts: [good, good] })).toHaveLength(2);
  expect(faultsOf({ artifacts: [{ ...good, sha256: "x", mode: "7" }] })).toHaveLength(2);
});

test("what is no YAML is told as such", () => {
  expect(faultsOf("artifacts: [").join()).toContain("no YAML");
});

test("a missing file and one of another digest are told, with the digest that was found", () => {
  const folder = mkdtempSync(join(tmpdir(), "artifacts-"));
  try {
    mkdirSync(join(folder, "binaries"));
    const { artifacts } = parseArtifactManifest("m.yaml", stringify({ artifacts: [good] }));
    expect(artifactFaults(folder, artifacts).map(({ what }) => what)).toEqual(["missing artifact"]);
    writeFileSync(join(folder, "binaries/oma-api"), "binary");
    const [fault] = artifactFaults(folder, artifacts);
    expect(fault?.message).toMatch(/its SHA-256 is [0-9a-f]{64}, the manifest says a{64}/u);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
