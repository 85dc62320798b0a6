/**
 * Bad days on real machines: each ends with exit code not 0 and one clear message, nothing is half-registered as a
 * template, and the next `up` goes on from there. One workspace goes through all of them, and gets well at the end.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../toolchain/process.ts";
import { askLab, type LabObjects } from "./support/cloud.ts";
import { makeWorkspace, type Workspace } from "./support/workspace.ts";

const schema = "assets/oma/database/schema.sql";
const packages = "assets/common/steps/install-packages.sh";
const api = "assets/oma/demo/oma-api";
const manifest = "assets/oma/artifacts.yaml";

interface StackResource {
  urn: string;
  id?: string;
  outputs?: { result?: string };
}

let workspace: Workspace;

beforeAll(async () => {
  workspace = await makeWorkspace({ proof: "quick" });
  const up = await workspace.lab("up");
  expect(up.code, up.text).toBe(0);
});

afterAll(() => workspace?.remove());

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function fails(): Promise<string> {
  const { code, text } = await workspace.command("start");
  expect(code, text).not.toBe(0);
  const { templates } = await objects();
  expect(templates).toEqual([]);
  return text;
}

function objects(): Promise<LabObjects> {
  return askLab(workspace);
}

test("a full disk in the guest is told as such, with the machine and the step", async () => {
  const script = workspace.read(packages);
  const fill =
    'fallocate -l "$(df --output=avail -B1 / | tail -n 1)" /full || true\ncat /dev/zero >/fuller || true\n';
  workspace.write(packages, script.replace("set -euo pipefail\n", `set -euo pipefail\n${fill}`));
  const text = await fails();
  expect(text).toMatch(/No space left on device|disk is full/u);
  expect(text).toContain("install-packages");
  workspace.restore(packages);
});

test("SQL that fails in its middle is told with its line, and the next up starts from a clean machine", async () => {
  const lines = workspace.read(schema).split("\n");
  const middle = lines.findIndex((line, index) => index > lines.length / 2 && /^CREATE TABLE/u.test(line));
  workspace.write(
    schema,
    [...lines.slice(0, middle), "CREATE TABEL broken (id INT);", ...lines.slice(middle)].join("\n"),
  );
  const text = await fails();
  expect(text).toContain("CREATE TABEL");
  expect(text).toMatch(new RegExp(`line ${middle + 1}\\b`, "u"));
  workspace.restore(schema);
});

test("a service that dies after its start is told with its last words", async () => {
  const dying = '#!/bin/sh\nsleep 2\necho "planted: the pool of connections is nil" >&2\nexit 3\n';
  const digest = digestOf(dying);
  const old = digestOf(workspace.read(api));
  workspace.write(api, dying);
  workspace.write(manifest, workspace.read(manifest).replace(old, digest));
  const text = await fails();
  expect(text).toContain("oma-api.service");
  expect(text).toContain("planted: the pool of connections is nil");
  workspace.restore(api);
  workspace.restore(manifest);
});

test("killed while the build machine is deployed: the next up goes on with it, no orphan stays", async () => {
  const killed = await workspace.killed("start", [], async () => {
    const { jobs } = await objects();
    return jobs.some(({ command, pending }) => pending && command.includes("DeployVM"));
  });
  expect(killed.code).toBe(137);
});

test("killed while the template is captured: the next up captures it, no orphan stays", async () => {
  const killed = await workspace.killed("start", [], async () => (await objects()).templates.length > 0);
  expect(killed.code).toBe(137);
  const { code, text } = await workspace.command("start");
  expect(code, text).toBe(0);
  const { instances, templates, volumes } = await objects();
  expect(templates).toHaveLength(1);
  expect(instances).toHaveLength(2);
  expect(volumes).toHaveLength(2);
});

test("a secret of the build in free space fails the build, and the template that holds it is gone", async () => {
  const exported = await workspace.command("pulumi", ["stack", "export", "-s", "dev"]);
  const { resources } = JSON.parse(exported.stdout).deployment as { resources: StackResource[] };
  const named = (name: string) => resources.find(({ urn }) => urn.endsWith(`::${name}`));
  const marker = named("oma-secrets-marker")?.outputs?.result ?? "";
  expect(marker).toHaveLength(16);
  const disk = join(
    workspace.folder,
    ".ossea/lab/machines",
    named("oma-build-instance")?.id ?? "",
    "disk.ext4",
  );
  // Written and deleted behind the seal's back, as a tool would that nobody thought of.
  const planted = await run("unshare", [
    "--mount",
    "bash",
    "-ec",
    'mount -o loop "$1" /mnt; echo "PASSWORD=$2" >/mnt/gone; sync /mnt/gone; rm /mnt/gone; umount /mnt',
    "plant",
    disk,
    marker,
  ]);
  expect(planted.code, planted.stderr).toBe(0);
  const { templates: before } = await objects();
  workspace.config({ templateName: "again" });
  const again = [
    "up",
    "--yes",
    "--skip-preview",
    "-s",
    "dev",
    "--replace",
    named("oma-template-capture")?.urn ?? "",
  ];
  const { code, text } = await workspace.command("pulumi", again);
  expect(code, text).not.toBe(0);
  expect(text).toContain("a secret of the build is in the template, which was therefore deleted");
  expect(text).toContain("the marker of the build's secrets (1 places");
  expect(text).not.toContain(marker);
  expect((await objects()).templates).toEqual(before);
});

test("destroy leaves nothing in the cloud", async () => {
  const { code, text } = await workspace.command("destroy");
  expect(code, text).toBe(0);
  expect(await objects()).toMatchObject({ instances: [], templates: [], volumes: [] });
});
