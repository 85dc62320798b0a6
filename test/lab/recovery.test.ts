/**
 * The lab's process is killed with -9 at every step of an instance's and a template's life, and started again: what was
 * answered is there, every job has an outcome, nothing is left between two states, and no machine is without a row.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { allTransitions, otherSteps } from "../../lab/cloud/transitions.ts";
import type { Client, Json } from "./support/client.ts";
import { gone, LabProcess } from "./support/process.ts";

let lab: LabProcess;
let client: Client;

/** Has one image, /disk.raw. */
const images = createServer((request, response) => {
  response.writeHead(request.url === "/disk.raw" ? 200 : 404).end("a disk");
});
beforeAll(async () => {
  await once(images.listen(0, "127.0.0.1"), "listening");
  lab = new LabProcess();
  client = await lab.up();
});
afterAll(async () => {
  images.close();
  await lab.end();
});

/** What a test leaves, because it failed or because it must, is no other's. */
async function anew(): Promise<void> {
  await lab.run("reset");
  client = await lab.up();
}
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await anew();
});

const steps = [...allTransitions, ...otherSteps];
const settled = ["Running", "Stopped", "Destroyed", "Error"];

/** Runs a command's job to its end, which must be as foreseen. */
type Work = (command: string, fields: Json, status?: 1 | 2) => Promise<Json>;

const machines = () => join(lab.home, "none", "machines");

/** The driver cannot write this machine's file until the block is taken away. */
function block(id: string): () => void {
  const place = join(machines(), `${id}.new`);
  mkdirSync(place);
  return () => rmdirSync(place);
}

async function volumeOf(id: string): Promise<string> {
  return (await client.call("listVolumes", { virtualmachineid: id })).volume[0].id;
}

/** All goes well but for one template whose image is missing. */
async function life({ ostypeid, ...place }: Json, job: Work): Promise<void> {
  for (const [image, state] of [
    ["disk.raw", "DOWNLOADED"],
    ["missing.raw", "DOWNLOAD_ERROR"],
  ] as const) {
    const { port } = images.address() as AddressInfo;
    const { template: registered } = await client.call("registerTemplate", {
      name: image,
      url: `http://127.0.0.1:${port}/${image}`,
      ...{ format: "RAW", hypervisor: "KVM", ostypeid, zoneid: place.zoneid },
    });
    expect((await downloaded(registered[0].id)).downloaddetails[0].downloadState).toBe(state);
    await job("deleteTemplate", { id: registered[0].id });
  }
  const { id } = (await job("deployVirtualMachine", { ...place, name: "vm" })).virtualmachine;
  await job("stopVirtualMachine", { id });
  const { template } = await job("createTemplate", { name: "t", ostypeid, volumeid: await volumeOf(id) });
  await job("startVirtualMachine", { id });
  await job("rebootVirtualMachine", { id });
  await job("deleteTemplate", { id: template.id });
  await job("stopVirtualMachine", { id });
  await job("destroyVirtualMachine", { id });
  await client.call("recoverVirtualMachine", { id });
  await job("destroyVirtualMachine", { id, expunge: true });
}

/** Whatever can fail does. */
async function trouble({ ostypeid, ...place }: Json, job: Work): Promise<void> {
  await lab.control.arm("job-fails", { command: "deployVirtualMachine" });
  const refused = await client.call("deployVirtualMachine", { ...place, name: "refused" });
  expect((await client.done(refused.jobid)).jobstatus).toBe(2);
  await job("destroyVirtualMachine", { id: refused.id, expunge: true });

  const customid = randomUUID();
  const unblock = block(customid);
  await job("deployVirtualMachine", { ...place, name: "broken", customid }, 2);
  unblock();
  await job("expungeVirtualMachine", { id: customid });

  const { id } = (await job("deployVirtualMachine", { ...place, name: "vm" })).virtualmachine;
  const unblockStop = block(id);
  await job("stopVirtualMachine", { id }, 2);
  unblockStop();
  await job("stopVirtualMachine", { id });
  const unblockStart = block(id);
  await job("startVirtualMachine", { id }, 2);
  unblockStart();
  await lab.control.arm("template-never-ready", {});
  await job("createTemplate", { name: "lost", ostypeid, volumeid: await volumeOf(id) });
  await job("startVirtualMachine", { id });
  powerOff(id);
  await expect.poll(() => stateOf(id), { timeout: 60_000 }).toBe("Stopped");
}

/** As the machine itself would go off. */
function powerOff(id: string): void {
  const file = join(machines(), id);
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), running: false }));
}

async function stateOf(id: string): Promise<string> {
  return (await client.call("listVirtualMachines", { id })).virtualmachine[0].state;
}

async function downloaded(id: string): Promise<Json> {
  for (;;) {
    const { template } = await client.call("listTemplates", { templatefilter: "self", id });
    if (template[0].downloaddetails[0]?.downloadState !== "DOWNLOAD_IN_PROGRESS") return template[0];
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** In the first of them that comes by the step. */
const onlyInTrouble =
  /startFailed|deployFailed|stopFailed|foundOff|createFailed|lost|job fail|from Error|volume expunge from Allocated/;
const moments = steps.flatMap((step) => [
  { step, moment: "before" },
  { step, moment: "after" },
]);

test.each(moments)("killed $moment $step", async ({ step, moment }) => {
  const world = await client.world();
  const pid = await lab.pid();
  await lab.control.arm("kill", { step, moment });
  const jobs: string[] = [];
  const job: Work = async (command, fields, status = 1) => {
    const { jobid } = await client.call(command, fields);
    jobs.push(jobid);
    const outcome = await client.done(jobid);
    expect(outcome.jobstatus).toBe(status);
    return outcome.jobresult;
  };
  const living = onlyInTrouble.test(step) ? trouble(world, job) : life(world, job);
  await expect(living).rejects.toThrow(/ECONNRESET|ECONNREFUSED|socket hang up/);
  await gone(pid);
  for (const name of readdirSync(machines())) if (name.endsWith(".new")) rmdirSync(join(machines(), name));

  client = await lab.up();
  for (const jobid of jobs) expect([1, 2]).toContain((await client.done(jobid)).jobstatus);
  const pending = await client.call("listAsyncJobs");
  for (const { jobid } of pending.asyncjobs ?? []) await client.done(jobid);
  // An interrupted job is taken up again, so everything comes to rest.
  const { virtualmachine = [] } = await client.call("listVirtualMachines");
  const { template = [] } = await client.call("listTemplates", { templatefilter: "self" });
  expect([...runningMachines()].sort()).toEqual(
    virtualmachine
      .filter((row: Json) => row.state === "Running")
      .map((row: Json) => row.id)
      .sort(),
  );
  for (const row of virtualmachine) expect(settled).toContain(row.state);
  for (const id of readdirSync(machines())) expect(virtualmachine.map((row: Json) => row.id)).toContain(id);
  const lost = [];
  for (const { id, url, name } of template) {
    const { isready } = await downloaded(id);
    // The server lost it, as it was told to, and cannot delete it: see below.
    if (name === "lost" && !isready) lost.push(id);
    else expect(isready).toBe(!url?.endsWith("/missing.raw"));
  }

  // And the same life can be lived to its end, after which nothing is left of any of it.
  for (const row of virtualmachine) await client.job("destroyVirtualMachine", { id: row.id, expunge: true });
  for (const { id } of template) if (!lost.includes(id)) await client.job("deleteTemplate", { id });
  await life(await client.world(), async (command, fields) => client.job(command, fields));
  expect(await client.call("listVirtualMachines", { listall: true })).toEqual({});
  expect(await client.call("listVolumes", { listall: true })).toEqual({});
  expect(readdirSync(machines())).toEqual([]);
  await expect.poll(() => readdirSync(join(lab.home, "none", "layers")).length).toBe(lost.length);
  expect(readdirSync(join(lab.home, "secondary", "downloads"))).toEqual([]);
  if (lost.length > 0) await anew();
});

function* runningMachines(): Iterable<string> {
  for (const id of readdirSync(machines())) {
    if (JSON.parse(readFileSync(join(machines(), id), "utf8")).running) yield id;
  }
}

test.each([
  { step: "instance stop", moment: "before" },
  { step: "instance stop", moment: "after" },
  { step: "instance stopped", moment: "before" },
  { step: "instance stopped", moment: "after" },
])("killed $moment $step while the lab goes down: the machine runs again", async ({ step, moment }) => {
  const { id } = await client.deploy({ name: "vm" });
  const pid = await lab.pid();
  await lab.control.arm("kill", { step, moment });
  await lab.run("down");
  await gone(pid);
  client = await lab.up();
  expect(await stateOf(id)).toBe("Running");
  await client.job("destroyVirtualMachine", { id, expunge: true });
});

test("a kill that no step of the way meets is seen: the life ends without it", async () => {
  await expect(lab.control.arm("kill", { step: "instance start from Running" })).rejects.toThrow(
    "the steps are:",
  );
  await lab.control.arm("kill", { step: "template lost" });
  await life(await client.world(), async (command, fields) => client.job(command, fields));
  await lab.control.clearFaults();
});

describe("each in a lab of its own", () => {
  beforeEach(anew);

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
    const tag = {
      resourceids: templateid,
      resourcetype: "Template",
      "tags[0].key": "k",
      "tags[0].value": "v",
    };
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
});
