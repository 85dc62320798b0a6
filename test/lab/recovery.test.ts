/**
 * The lab's process is killed with -9 at every step of an instance's and a template's life, and started again: what was
 * answered is there, every job has an outcome, nothing is left between two states, and no machine is without a row.
 */
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { allSteps } from "../../lab/cloud/transitions.ts";
import type { Client, Json } from "./support/client.ts";
import { gone, LabProcess } from "./support/process.ts";

let lab: LabProcess;
let client: Client;

beforeEach(async () => {
  lab = new LabProcess();
  client = await lab.up();
});
afterEach(() => lab.end());

/** Has one image, /disk.raw. */
const images = createServer((request, response) => {
  response.writeHead(request.url === "/disk.raw" ? 200 : 404).end("a disk");
});
beforeAll(async () => {
  await once(images.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => {
  images.close();
});

/** Steps that only a fault or the power button leads to; those are not on the way below. */
const elsewhere = [
  "instance startFailed",
  "instance deployFailed",
  "instance stopFailed",
  "instance foundOff",
  "volume createFailed",
  "template lost",
];
const steps = [...allSteps.filter((step) => !elsewhere.includes(step)), "job create", "job succeed"];
const settled = ["Running", "Stopped", "Destroyed", "Error"];

/**
 * Register a template and one whose image is missing, delete them; deploy, stop, capture, start, reboot, delete the
 * template, destroy, expunge. Breaks off
 * when the lab is killed.
 */
async function life(world: Json, jobs: string[]): Promise<void> {
  const job = async (command: string, fields: Json): Promise<Json> => {
    const { jobid } = await client.call(command, fields);
    jobs.push(jobid);
    const outcome = await client.done(jobid);
    expect(outcome.jobstatus).toBe(1);
    return outcome.jobresult;
  };
  const { ostypeid, ...place } = world;
  for (const [image, state] of [
    ["disk.raw", "DOWNLOADED"],
    ["missing.raw", "DOWNLOAD_ERROR"],
  ] as const) {
    const { port } = images.address() as AddressInfo;
    const { template: registered } = await client.call("registerTemplate", {
      name: image,
      url: `http://127.0.0.1:${port}/${image}`,
      ...{ format: "RAW", hypervisor: "KVM", ostypeid, zoneid: world.zoneid },
    });
    expect((await downloaded(registered[0].id)).downloaddetails[0].downloadState).toBe(state);
    await job("deleteTemplate", { id: registered[0].id });
  }
  const { id } = (await job("deployVirtualMachine", { ...place, name: "vm" })).virtualmachine;
  await job("stopVirtualMachine", { id });
  const volumeid = (await client.call("listVolumes", { virtualmachineid: id })).volume[0].id;
  const { template } = await job("createTemplate", { name: "t", ostypeid, volumeid });
  await job("startVirtualMachine", { id });
  await job("rebootVirtualMachine", { id });
  await job("deleteTemplate", { id: template.id });
  await job("stopVirtualMachine", { id });
  await job("destroyVirtualMachine", { id, expunge: true });
}

async function downloaded(id: string): Promise<Json> {
  for (;;) {
    const { template } = await client.call("listTemplates", { templatefilter: "self", id });
    if (template[0].downloaddetails[0]?.downloadState !== "DOWNLOAD_IN_PROGRESS") return template[0];
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const moments = steps.flatMap((step) => [
  { step, moment: "before" },
  { step, moment: "after" },
]);

test.each(moments)("killed $moment $step", async ({ step, moment }) => {
  const world = await client.world();
  const pid = await lab.pid();
  await lab.control.arm("kill", { step, moment });
  const jobs: string[] = [];
  await expect(life(world, jobs)).rejects.toThrow(/ECONNRESET|ECONNREFUSED|socket hang up/);
  await gone(pid);

  client = await lab.up();
  for (const jobid of jobs) expect([1, 2]).toContain((await client.done(jobid)).jobstatus);
  const pending = await client.call("listAsyncJobs");
  for (const { jobid } of pending.asyncjobs ?? []) await client.done(jobid);
  // An interrupted job is taken up again, so everything comes to rest.
  const { virtualmachine = [] } = await client.call("listVirtualMachines");
  for (const row of virtualmachine) expect(settled).toContain(row.state);
  const machines = readdirSync(join(lab.home, "none", "machines"));
  const ids = virtualmachine.map((row: Json) => row.id);
  expect(ids).toEqual(expect.arrayContaining(machines));
  const { template = [] } = await client.call("listTemplates", { templatefilter: "self" });
  for (const { id, url } of template) {
    expect((await downloaded(id)).isready).toBe(!url?.endsWith("/missing.raw"));
  }
  const layers = readdirSync(join(lab.home, "none", "layers"));
  const needed = new Set(template.map((row: Json) => row.id));
  expect(layers.length).toBeLessThanOrEqual(needed.size + virtualmachine.length);

  // And the same life can be lived to its end.
  for (const row of virtualmachine) await client.job("destroyVirtualMachine", { id: row.id, expunge: true });
  for (const row of template) await client.job("deleteTemplate", { id: row.id });
  await life(world, []);
});

test("a kill loses nothing that was answered; machines keep running", async () => {
  const instance = await client.deploy({ name: "kept" });
  await client.job("stopVirtualMachine", { id: instance.id });
  const volumeid = (await client.call("listVolumes", { virtualmachineid: instance.id })).volume[0].id;
  const { ostypeid } = await client.world();
  const submitted = await client.call("createTemplate", { name: "kept", ostypeid, volumeid });
  const before = await client.done(submitted.jobid);
  const running = await client.deploy({ name: "running", templateid: submitted.id });
  await lab.kill();
  const again = await lab.up();
  expect(again.target).toEqual(client.target);
  expect(await again.done(submitted.jobid)).toEqual(before);
  const list = await again.call("listVirtualMachines", { id: running.id });
  expect(list.virtualmachine[0]).toMatchObject({
    state: "Running",
    publicip: running.publicip,
    nic: running.nic,
  });
  const templates = await again.call("listTemplates", { templatefilter: "self" });
  expect(templates.template).toMatchObject([{ id: submitted.id, isready: true }]);
});

test("a job that a fault holds is taken up again by the next start", async () => {
  await lab.run("inject", "job-stuck", "command=deployVirtualMachine");
  const { ostypeid: _, ...place } = await client.world();
  const { jobid, id } = await client.call("deployVirtualMachine", place);
  expect((await client.call("queryAsyncJobResult", { jobid })).jobstatus).toBe(0);
  await lab.kill();
  client = await lab.up();
  expect(await client.done(jobid)).toMatchObject({ jobstatus: 1, jobinstanceid: id });
});

test("killed in the middle of a reboot, while the machine was off", async () => {
  const { id } = await client.deploy({ name: "vm" });
  await lab.control.arm("job-stuck", { command: "rebootVirtualMachine" });
  const { jobid } = await client.call("rebootVirtualMachine", { id });
  await lab.kill();
  const file = join(lab.home, "none", "machines", id);
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), running: false }));
  client = await lab.up();
  expect(await client.done(jobid)).toMatchObject({ jobstatus: 1 });
  expect(JSON.parse(readFileSync(file, "utf8")).running).toBe(true);
});

test("a job whose command cannot be taken up again is told as lost: failed, without a result", async () => {
  await lab.run("inject", "job-stuck", "command=createTags");
  const { templateid } = await client.world();
  const tag = { resourceids: templateid, resourcetype: "Template", "tags[0].key": "k", "tags[0].value": "v" };
  const { jobid } = await client.call("createTags", tag);
  await lab.kill();
  client = await lab.up();
  const job = await client.done(jobid);
  expect(job).toMatchObject({ jobstatus: 2, jobresultcode: 530 });
  expect(job).not.toHaveProperty("jobresult");
  expect(job).not.toHaveProperty("jobresulttype");
});

test("a template that the server lost: never ready, and it cannot be deleted while it is being made", async () => {
  const instance = await client.deploy({ name: "source" });
  await client.job("stopVirtualMachine", { id: instance.id });
  const volumeid = (await client.call("listVolumes", { virtualmachineid: instance.id })).volume[0].id;
  const { ostypeid } = await client.world();
  await lab.run("inject", "template-never-ready");
  const { template } = await client.job("createTemplate", { name: "lost", ostypeid, volumeid });
  expect(template).toMatchObject({ isready: false, status: "Active", downloaddetails: [] });
  await expect(client.job("deleteTemplate", { id: template.id })).rejects.toThrow("Failed to update state");
  expect(await client.call("listTemplates", { templatefilter: "selfexecutable" })).toEqual({});
});

test("a machine that went off by itself is found off", async () => {
  const instance = await client.deploy({ name: "off" });
  await lab.kill();
  rmSync(join(lab.home, "none", "machines", instance.id));
  client = await lab.up();
  const list = await client.call("listVirtualMachines", { id: instance.id });
  expect(list.virtualmachine[0].state).toBe("Stopped");
});
