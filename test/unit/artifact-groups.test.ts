/** Parts that a manifest brings as a whole or leaves out: judged before anything is created, and nothing when absent. */
import { createHash } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { oma } from "../../appliances/oma.ts";
import { virtioTools } from "../../appliances/virtio.ts";
import { artifactFaults } from "../../common/artifact-files.ts";
import type { Artifact } from "../../common/artifact-manifest.ts";
import { expectedArtifacts, groupFaults, withArtifactGroups } from "../../inputs/artifact-groups.ts";
import { readSources } from "../../inputs/sources.ts";
import { root } from "../../toolchain/project.ts";

const folder = mkdtempSync(join(tmpdir(), "virtio-"));
let tools: Artifact[];

/** A sparse file with the texts at their offsets. */
function put(source: string, bytes: number, texts: Readonly<Record<number, string>>): void {
  const path = join(folder, source);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
  truncateSync(path, bytes);
  const file = openSync(path, "r+");
  for (const [offset, text] of Object.entries(texts)) writeSync(file, text, Number(offset));
  closeSync(file);
}

function entry(name: string, changes: Partial<Artifact> = {}): Artifact {
  const member = virtioTools.members.find((each) => each.name === name);
  const source = `virtio/${name}`;
  return {
    name,
    version: "0.1.271",
    sha256: createHash("sha256")
      .update(readFileSync(join(folder, source)))
      .digest("hex"),
    source,
    target: member?.target ?? "",
    owner: "root:root",
    mode: "0644",
    kind: "file",
    strip: 0,
    ...changes,
  };
}

beforeAll(() => {
  put("virtio/virtio-win", 100 * 1024 ** 2, { 32769: "CD001" });
  put("virtio/inject-virtio-drivers", 64, { 0: "#!/bin/bash\n" });
  put("virtio/rhsrvany", 4096, { 0: "MZ" });
  put("virtio/pnp-wait", 4096, { 0: "MZ" });
  tools = virtioTools.members.map(({ name }) => entry(name));
});
afterAll(() => rmSync(folder, { recursive: true }));

function faults(artifacts: readonly Artifact[]): string[] {
  return [
    ...groupFaults("m.yaml", oma, artifacts),
    ...artifactFaults(
      folder,
      expectedArtifacts(oma, { artifacts: [...artifacts], knownBad: [], knownGood: [] }),
    ),
  ].map(({ message }) => message);
}

test("without them the appliance is as it stands", () => {
  expect(withArtifactGroups(oma, [])).toEqual(oma);
  expect(faults([])).toEqual([]);
});

test("with all of them it has their packages, files and checks, and every source is there", () => {
  expect(faults(tools)).toEqual([]);
  const appliance = withArtifactGroups(oma, tools);
  expect(appliance.packages).toEqual([...oma.packages, "libguestfs-tools", "qemu-utils", "virt-v2v"]);
  const ids = appliance.checks.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(["virtio/virtio-win", "package/virt-v2v"]));
  expect(new Set(ids).size).toBe(ids.length);
  expect(readSources(root, appliance).faults).toEqual([]);
});

test("each one that is missing is named, with its place", () => {
  const told = faults(tools.filter(({ name }) => name === "virtio-win"));
  expect(told).toHaveLength(3);
  expect(told.join("\n")).toMatch(
    /incomplete group of artifacts: VirtIO tools: rhsrvany[\s\S]*rhsrvany\.exe/u,
  );
});

test.each<[string, string, number, Record<number, string>, RegExp]>([
  [
    "an error page in place of the image",
    "virtio-win",
    2000,
    { 0: "<!DOCTYPE html>" },
    /2000 bytes; an ISO 9660 image has at least/u,
  ],
  [
    "a disk image of another format",
    "virtio-win",
    100 * 1024 ** 2,
    { 0: "QFI" },
    /not an ISO 9660 image: byte 32769 does not begin "CD001"/u,
  ],
  ["a program that is none", "rhsrvany", 4096, { 0: "\u007fELF" }, /not a Windows program/u],
])("%s is refused, though its digest stands in the manifest", (_what, name, bytes, texts, words) => {
  const source = `planted/${name}`;
  put(source, bytes, texts);
  const sha256 = createHash("sha256")
    .update(readFileSync(join(folder, source)))
    .digest("hex");
  const told = faults(tools.map((tool) => (tool.name === name ? { ...tool, source, sha256 } : tool)));
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(words);
});

test("a wrong digest, a missing file and a wrong target are told at once", () => {
  const told = faults([
    entry("virtio-win", { sha256: "0".repeat(64) }),
    entry("inject-virtio-drivers", { source: "virtio/nowhere" }),
    entry("rhsrvany", { target: "/opt/rhsrvany.exe" }),
    entry("pnp-wait"),
  ]).join("\n");
  for (const words of ["wrong artifact", "missing artifact", "an artifact in a wrong place"]) {
    expect(told).toContain(words);
  }
});
