/**
 * Bad input: refused before anything is created, every fault in one report, exit code not 0. The lab has no guests
 * here, since none may ever be started.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { askLab } from "./support/cloud.ts";
import { makeWorkspace, type Workspace } from "./support/workspace.ts";

let workspace: Workspace;

beforeAll(async () => {
  workspace = await makeWorkspace({ proof: "quick" });
  const up = await workspace.lab("up", "--driver", "none");
  expect(up.code, up.text).toBe(0);
});

afterAll(() => workspace?.remove());

const planted = [
  "Pulumi.dev.yaml",
  "assets/oma/artifacts.yaml",
  "assets/oma/database/schema.sql",
  "assets/oma/demo/oma-api",
];
afterEach(() => {
  for (const path of planted) workspace.restore(path);
});

async function refused(environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, text } = await workspace.command("start", [], environment);
  expect(code, text).not.toBe(0);
  expect(text).not.toMatch(/^\s+at .*\.ts:\d+/mu);
  const { stdout } = await workspace.lab("status");
  expect(stdout).not.toMatch(/oma-dev/u);
  return text;
}

test("an unknown appliance, with the ones that there are", async () => {
  workspace.config({ appliance: "ona" });
  expect(await refused()).toMatch(/unknown appliance: ona of stack dev\n.*because: the appliances are oma/u);
});

test("missing, mistyped and unknown keys, all at once", async () => {
  const lines = workspace.read("Pulumi.dev.yaml").split("\n");
  workspace.write("Pulumi.dev.yaml", lines.filter((line) => !line.includes(":zone:")).join("\n"));
  workspace.config({ rootDiskGiB: "plenty", netwrok: "lab-network" });
  const text = await refused();
  expect(text).toContain("missing configuration key: zone of stack dev");
  expect(text).toContain("mistyped configuration value: rootDiskGiB of stack dev");
  expect(text).toContain("did you mean network?");
});

test("no such zone", async () => {
  workspace.config({ zone: "lab-zoen" });
  expect(await refused()).toMatch(/lab-zoen[\s\S]*lab-zone/u);
});

test("no such network, offering and template, all at once with what there is", async () => {
  workspace.config({ network: "lab-netwerk", serviceOffering: "64 vCPU", baseTemplates: ["BeOS 5"] });
  const text = await refused();
  for (const name of ["lab-netwerk", "64 vCPU", "BeOS 5", "lab-network"]) expect(text).toContain(name);
});

test("an offering below the appliance's needs", async () => {
  workspace.config({ serviceOffering: "2 vCPU, 4 GiB" });
  expect(await refused()).toContain("service offering too small: 2 vCPU, 4 GiB");
});

test("a missing artifact, a wrong digest, an unreadable schema and a wrong network, in one report", async () => {
  rmSync(join(workspace.folder, "assets/oma/database/schema.sql"));
  workspace.write("assets/oma/demo/oma-api", "#!/bin/sh\nexit 0\n");
  workspace.write(
    "assets/oma/artifacts.yaml",
    workspace
      .read("assets/oma/artifacts.yaml")
      .replace("assets/oma/demo/volume-daemon", "assets/oma/demo/nowhere"),
  );
  workspace.config({ network: "elsewhere" });
  const text = await refused();
  for (const word of [
    "assets/oma/database/schema.sql",
    "oma-api",
    "SHA-256",
    "assets/oma/demo/nowhere",
    "elsewhere",
  ]) {
    expect(text).toContain(word);
  }
});

test("a version of the known-bad list, with the reason", async () => {
  const manifest = workspace.read("assets/oma/artifacts.yaml");
  const [, reason = ""] =
    /v2\.29\.3-update-config-fix[\s\S]*?reason: *(?:>-?\s*)?["']?([^\n"']{10,40})/u.exec(manifest) ?? [];
  expect(reason).not.toBe("");
  workspace.write(
    "assets/oma/artifacts.yaml",
    manifest.replace(/(name: oma-api\n\s+version: ).*/u, "$1v2.29.3-update-config-fix"),
  );
  const text = await refused();
  expect(text).toContain("v2.29.3-update-config-fix");
  expect(text.replace(/\s+/gu, " ")).toContain(reason.trim());
});

test("wrong API keys", async () => {
  const text = await refusedByCloud({ CLOUDSTACK_SECRET_KEY: "wrong" });
  expect(text).toMatch(/keys|credentials|signature/iu);
  expect(text).toContain("CLOUDSTACK_SECRET_KEY");
});

test("an endpoint that is down", async () => {
  const text = await refusedByCloud({ CLOUDSTACK_API_URL: "http://127.0.0.1:9/client/api" });
  expect(text).toContain("127.0.0.1:9");
  expect(text).toMatch(/refused|unreachable|ECONNREFUSED/u);
});

test("a clock that is wrong, told as such", async () => {
  const armed = await workspace.lab("inject", "clock-skew");
  expect(armed.code, armed.text).toBe(0);
  const text = await refused();
  expect(text).toMatch(/clock/u);
  const cleared = await workspace.lab("inject", "--clear");
  expect(cleared.code, cleared.text).toBe(0);
});

test("SSH that never comes: the machine is named, what exists is in the state, destroy leaves nothing", async () => {
  workspace.config({ sshTimeoutSeconds: 3 });
  const { code, text } = await workspace.command("start");
  expect(code).not.toBe(0);
  expect(text).toMatch(/SSH/u);
  const state = await workspace.command("pulumi", ["stack", "--show-ids", "-s", "dev"]);
  expect(state.text).toMatch(/cloudstack:index:Instance/u);
  expect(state.text).not.toMatch(/cloudstack:index:Template/u);
  const destroyed = await workspace.command("destroy");
  expect(destroyed.code, destroyed.text).toBe(0);
  expect((await workspace.lab("status")).stdout).not.toMatch(/oma-dev/u);
});

test("killed while the build machine is deployed, then destroyed: nothing is left", async () => {
  await workspace.lab("inject", "job-stuck", "command=deployVirtualMachine");
  const begun = async () => (await askLab(workspace)).instances.length > 0;
  const killed = await workspace.killed("start", [], begun);
  expect(killed.code).toBe(137);
  expect(await begun()).toBe(true);
  await workspace.lab("down");
  await workspace.lab("up", "--driver", "none");
  const { code, text } = await workspace.command("destroy");
  expect(code, text).toBe(0);
  expect(text).toMatch(/instance [\w-]+ is left over from an update that was cut off: it is removed/u);
  expect(await askLab(workspace)).toMatchObject({ instances: [], templates: [], volumes: [] });
});

/** Stacks of the lab take the lab's keys; the same program as another stack takes the user's. */
async function refusedByCloud(environment: NodeJS.ProcessEnv): Promise<string> {
  const keys = await workspace.lab("env");
  const given = Object.fromEntries(
    keys.stdout.split("\n").flatMap((line) => {
      const [name = "", ...value] = line.split("=");
      return name ? [[name, value.join("=")]] : [];
    }),
  );
  workspace.write("Pulumi.cloud.yaml", workspace.read("Pulumi.dev.yaml"));
  const { code, text } = await workspace.command("start", ["--stack", "cloud"], { ...given, ...environment });
  expect(code, text).not.toBe(0);
  expect(text).not.toContain(given.CLOUDSTACK_SECRET_KEY);
  return text;
}
