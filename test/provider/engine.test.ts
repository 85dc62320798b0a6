/** The CloudStack provider and its SDK under the real engine, with the lab as the cloud; its machines are rows only. */
import { type ChildProcess, execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { begunIn, removeBegun } from "../../providers/cloudstack/leftovers.ts";
import { clientOf } from "../../providers/cloudstack/provider.ts";
import { paths, root } from "../../toolchain/project.ts";
import { ensureSdks } from "../../toolchain/sdk/build.ts";
import { releaseDeadLocks } from "../../toolchain/stale-lock.ts";
import type { Client, Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { makeStack, type Stack } from "../stand-ins/support/stack.ts";

const lab = new LabProcess("none");
let cloud: Client;
let stack: Stack;

beforeAll(async () => {
  cloud = await lab.up();
  await ensureSdks(paths);
});
afterAll(() => lab.end());

beforeEach(async () => {
  stack = await makeStack();
  const plugins = `plugins: { providers: [{ name: cloudstack, path: ${join(root, "providers/cloudstack")} }] }\n`;
  writeFileSync(
    join(stack.folder, "program/Pulumi.yaml"),
    `name: trial\nruntime: { name: nodejs, options: { typescript: false } }\n${plugins}`,
  );
  stack.program(program);
  stack.input = { ...cloud.target, unit: "1", userData: "a secret of the user data" };
  return async () => {
    stack.remove();
    for (const { id } of await templates()) await cloud.job("deleteTemplate", { id });
    for (const { id } of await rows("listVirtualMachines"))
      await cloud.job("destroyVirtualMachine", { id, expunge: true });
  };
});

const program = `
import * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";
const { url, apiKey, secretKey, unit, userData, capture } = JSON.parse(process.env.TEST_INPUT);
const provider = new cloudstack.Provider("cloud", { apiUrl: url, apiKey, secretKey });
const asked = { provider };
const zoneId = (await cloudstack.getZone({ name: "lab-zone" }, asked)).id;
const [network, offering, base] = await Promise.all([
  cloudstack.getNetwork({ name: "lab-network", zoneId }, asked),
  cloudstack.getServiceOffering({ name: "4 vCPU, 8 GiB", zoneId }, asked),
  cloudstack.getTemplate({ name: "Debian 12 (lab)", zoneId }, asked),
]);
const triggers = { "unit/oma-api.service": unit, packages: "1" };
const instance = new cloudstack.Instance("build", {
  zoneId,
  serviceOfferingId: offering.id,
  templateId: base.id,
  networkIds: [network.id],
  userData: pulumi.secret(userData),
  tags: { appliance: "oma" },
  triggers,
}, { provider });
if (capture) new cloudstack.Template("capture", {
  instanceId: instance.id,
  name: "oma-trial-" + unit,
  displayText: "OSSEA Migration Appliance",
  osTypeId: base.osTypeId,
  triggers,
}, { provider });
export const address = instance.ipAddress;
export const volume = instance.rootVolumeId;
`;

async function rows(command: string, fields: Record<string, string> = {}): Promise<Json[]> {
  const answer = await cloud.call(command, { listall: true, ...fields });
  return (Object.values(answer).find(Array.isArray) ?? []) as Json[];
}

const templates = async () =>
  (await rows("listTemplates", { templatefilter: "self" })).filter(({ name }) => !name.endsWith("(lab)"));

/** Begins an update, and kills with SIGKILL what `victims` finds once `ripe` says so. */
async function killed(
  ripe: () => Promise<boolean>,
  victims: (engine: ChildProcess) => number[],
): Promise<void> {
  const engine = stack.begin("up", "--yes", "--skip-preview");
  const ended = new Promise((resolve) => engine.once("exit", resolve));
  while (!(await ripe())) {
    if (engine.exitCode !== null) throw new Error("the update ended before it could be killed");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const pid of victims(engine)) process.kill(pid, "SIGKILL");
  await ended;
  releaseDeadLocks(join(stack.folder, "state"));
}

const theEngine = ({ pid }: ChildProcess) => (pid === undefined ? [] : [pid]);

/** The provider's process, a child of this engine and of no other. */
function theProvider({ pid }: ChildProcess): number[] {
  const listed = execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(pid)], { encoding: "utf8" });
  const found = listed.split("\n").filter((line) => line.includes("providers/cloudstack/main.ts"));
  if (found.length === 0) throw new Error(`the engine has no such child:\n${listed}`);
  return found.map((line) => Number.parseInt(line, 10));
}

/** The stuck work of a lab goes on when it is started again. */
async function restartLab(): Promise<void> {
  await lab.kill();
  cloud = await lab.up();
}

test("a stack comes up, stays as it is, names what moved, is refreshed, and goes; no secret in its state", async () => {
  stack.input.capture = true;
  const shown = await stack.must("preview", "--diff");
  expect(shown).toContain("cloudstack:index:Instance");
  expect(await rows("listVirtualMachines")).toEqual([]);
  await stack.must("up", "--yes", "--skip-preview");
  const [machine] = await rows("listVirtualMachines");
  expect(await stack.outputs()).toMatchObject({ address: machine.nic[0].ipaddress });
  const state = await stack.state();
  for (const secret of [cloud.target.apiKey, cloud.target.secretKey, "a secret of the user data"])
    expect(state).not.toContain(secret);
  expect(await stack.plan()).toEqual([]);
  await stack.must("refresh", "--yes", "--skip-preview");
  expect(await stack.plan()).toEqual([]);

  stack.input.unit = "2";
  const moved = await stack.must("preview", "--diff");
  expect(moved).toContain("unit/oma-api.service");
  expect(moved).not.toMatch(/[~+-] +packages/u);
  const before = [machine.id, ...(await templates()).map(({ id }) => id)];
  await stack.must("up", "--yes", "--skip-preview");
  const after = [...(await rows("listVirtualMachines")), ...(await templates())];
  expect(after).toHaveLength(2);
  for (const { id } of after) expect(before).not.toContain(id);

  await stack.must("destroy", "--yes", "--skip-preview");
  expect([
    ...(await rows("listVirtualMachines")),
    ...(await templates()),
    ...(await rows("listVolumes")),
  ]).toEqual([]);
});

test.each([
  ["the engine", theEngine],
  ["the provider", theProvider],
])("%s is killed in the middle of a deployment: the next up takes the instance up", async (_, victims) => {
  await lab.run("inject", "job-stuck", "command=deployVirtualMachine", "times=1");
  await killed(async () => (await rows("listVirtualMachines")).length > 0, victims);
  const [begun] = await rows("listVirtualMachines");
  await restartLab();
  await stack.must("up", "--yes", "--skip-preview");
  expect((await rows("listVirtualMachines")).map(({ id }) => id)).toEqual([begun.id]);
  expect(await stack.plan()).toEqual([]);
  await stack.must("destroy", "--yes", "--skip-preview");
  expect([...(await rows("listVirtualMachines")), ...(await rows("listVolumes"))]).toEqual([]);
});

test.each([
  ["the engine", theEngine],
  ["the provider", theProvider],
])("%s is killed in the middle of a capture: the next up leaves one ready template", async (_, victims) => {
  stack.input.capture = true;
  await lab.run("inject", "job-stuck", "command=createTemplate", "times=1");
  await killed(async () => (await templates()).length > 0, victims);
  await restartLab();
  await stack.must("up", "--yes", "--skip-preview");
  const made = await templates();
  expect(made.map(({ name, isready }) => [name, isready])).toEqual([["oma-trial-1", true]]);
  expect(await rows("listVirtualMachines")).toHaveLength(1);
  expect(await stack.plan()).toEqual([]);
  await stack.must("destroy", "--yes", "--skip-preview");
  expect([...(await rows("listVirtualMachines")), ...(await templates())]).toEqual([]);
});

test("the engine is killed in the middle of a replacement: the next up leaves one instance", async () => {
  await stack.must("up", "--yes", "--skip-preview");
  stack.input.unit = "2";
  await lab.run("inject", "job-stuck", "command=deployVirtualMachine", "times=1");
  await killed(async () => (await rows("listVirtualMachines")).length > 1, theEngine);
  await restartLab();
  await stack.must("up", "--yes", "--skip-preview");
  expect(await rows("listVirtualMachines")).toHaveLength(1);
  expect(await stack.plan()).toEqual([]);
});

test("what was begun and killed is found in the state, and removed for a stack that is destroyed", async () => {
  stack.input.capture = true;
  await stack.must("up", "--yes", "--skip-preview");
  const { apiUrl, apiKey, secretKey } = { apiUrl: cloud.target.url, ...cloud.target };
  const remove = async () => {
    const said: string[] = [];
    const begun = begunIn(await stack.state());
    await removeBegun(begun, clientOf({ apiUrl, apiKey, secretKey }, {}), (text) => said.push(text));
    return said;
  };
  expect(await remove()).toEqual([]);
  stack.input.unit = "2";
  await lab.run("inject", "job-stuck", "command=deployVirtualMachine", "times=1");
  await killed(async () => (await rows("listVirtualMachines")).length > 1, theEngine);
  await restartLab();
  expect(await remove()).toEqual([expect.stringMatching(/^instance build-\w+ is left over/u)]);
  expect(await rows("listVirtualMachines")).toHaveLength(1);
  expect(await templates()).toHaveLength(1);
  await stack.must("up", "--yes", "--skip-preview");

  stack.input.unit = "3";
  await lab.run("inject", "job-stuck", "command=createTemplate", "times=1");
  await killed(async () => (await templates()).length > 1, theEngine);
  await restartLab();
  expect(await remove()).toEqual([
    "template oma-trial-3 is left over from an update that was cut off: it is removed",
  ]);
  expect(await templates()).toHaveLength(1);
  await stack.must("destroy", "--yes", "--skip-preview");
  expect([...(await rows("listVirtualMachines")), ...(await templates())]).toEqual([]);
});

test("what failed half-way stays in the state as such, and the next up goes on with it", async () => {
  await lab.run("inject", "job-fails", "command=createTags", "code=530", "text=the tags are full");
  const failed = await stack.pulumi("up", "--yes", "--skip-preview");
  expect(failed.code).not.toBe(0);
  expect(failed.text).toContain("the tags are full");
  expect(failed.text).not.toMatch(/^\s+at .*\.ts:\d+/mu);
  const [begun] = await rows("listVirtualMachines");
  expect(await stack.state()).toContain(begun.id);
  await stack.must("up", "--yes", "--skip-preview");
  expect((await rows("listVirtualMachines")).map(({ id }) => id)).toEqual([begun.id]);
  expect(await stack.plan()).toEqual([]);
});

test("a long job shows how long it takes already; an instance that was recorded is marked by the end", async () => {
  await lab.run("inject", "job-slow", "command=deployVirtualMachine", "seconds=4", "times=1");
  const text = await stack.must("up", "--yes", "--skip-preview");
  expect(text).toMatch(/deploying build-\w+ \([2-9] s\)/u);
  const [machine] = await rows("listVirtualMachines");
  expect(machine.tags.map(({ key }: Json) => key).sort()).toEqual(["appliance", "pulumi:key"]);
});
