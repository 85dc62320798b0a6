/** Every fault on demand: what a client sees while it is switched on, and that it is over when it is over. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { allFaults } from "../../lab/faults/all.ts";
import type { Client, Fields, Json } from "./support/client.ts";
import { gone, LabProcess } from "./support/process.ts";

const lab = new LabProcess();
let client: Client;
let source: Json;

beforeAll(async () => {
  client = await lab.up();
  source = await client.deploy({ name: "source" });
  await client.job("stopVirtualMachine", { id: source.id });
});
afterEach(() => lab.control.clearFaults());
afterAll(() => lab.end());

const arm = (name: string, options: Record<string, string> = {}) => lab.control.arm(name, options);
const start = () => client.call("startVirtualMachine", { id: source.id });
const stop = () => client.job("stopVirtualMachine", { id: source.id });
const look = (jobid: string) => client.call("queryAsyncJobResult", { jobid });
const capture = async (): Promise<Fields> => {
  const { ostypeid } = await client.world();
  const { volume } = await client.call("listVolumes", { virtualmachineid: source.id });
  return { name: "captured", ostypeid, volumeid: volume[0].id };
};

const cases: Readonly<Record<string, () => Promise<void>>> = {
  async capacity() {
    await arm("capacity", { times: "1" });
    const { jobid } = await start();
    expect(await client.done(jobid)).toMatchObject({ jobstatus: 2, jobresultcode: 533 });
    await client.done((await start()).jobid);
    await stop();
  },
  async "clock-skew"() {
    const until = (seconds: number) => ({
      signatureVersion: 3,
      expires: new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+/, ""),
    });
    const status = async (fields: Fields) => (await client.raw({ command: "listZones", ...fields })).status;
    await arm("clock-skew", { seconds: "7200" });
    const reply = await client.raw({ command: "listZones", ...until(600) });
    expect(reply.status).toBe(401);
    const ahead = Date.parse(String(reply.headers.date)) - Date.now();
    expect(ahead).toBeGreaterThan(7_100_000);
    expect([await status(until(7800)), await status({})]).toEqual([200, 200]);
    await lab.control.clearFaults();
    expect(await status(until(600))).toBe(200);
    await arm("clock-skew", { seconds: "-7200" });
    expect(await status(until(600))).toBe(401);
  },
  async "connection-reset-before"() {
    await arm("connection-reset-before", { command: "createSSHKeyPair" });
    await expect(client.call("createSSHKeyPair", { name: "k" })).rejects.toThrow(/hang up|ECONNRESET/);
    expect(await client.call("listSSHKeyPairs")).toEqual({});
  },
  async "connection-reset-after"() {
    await arm("connection-reset-after", { command: "createSSHKeyPair" });
    await expect(client.call("createSSHKeyPair", { name: "k" })).rejects.toThrow(/hang up|ECONNRESET/);
    expect((await client.call("listSSHKeyPairs")).count).toBe(1);
  },
  async "job-fails"() {
    await arm("job-fails", { command: "startVirtualMachine", code: "534", text: "no such host" });
    const { jobid } = await start();
    expect(await client.done(jobid)).toMatchObject({
      jobstatus: 2,
      jobresultcode: 534,
      jobresult: { errorcode: 534, errortext: "no such host" },
    });
  },
  async "job-held"() {
    await arm("job-held");
    const { jobid } = await start();
    expect((await look(jobid)).jobstatus).toBe(0);
    expect((await client.call("listVirtualMachines", { id: source.id })).virtualmachine[0].state).toBe(
      "Stopped",
    );
    await lab.control.clearFaults();
    expect((await client.done(jobid)).jobresult.virtualmachine.state).toBe("Running");
    await stop();
  },
  async "job-lost"() {
    await arm("job-lost");
    const job = await client.done((await start()).jobid);
    expect(job).toMatchObject({ jobstatus: 2, jobresultcode: 530 });
    expect(job).not.toHaveProperty("jobresult");
    expect(job).not.toHaveProperty("jobresulttype");
    await stop();
  },
  async "job-slow"() {
    await arm("job-slow", { seconds: "1" });
    const before = Date.now();
    expect((await client.done((await start()).jobid)).jobstatus).toBe(1);
    expect(Date.now() - before).toBeGreaterThan(990);
    await stop();
  },
  async "job-stuck"() {
    await arm("job-stuck", { command: "updateVMAffinityGroup" });
    const { jobid } = await client.call("updateVMAffinityGroup", { id: source.id });
    await client.done((await start()).jobid);
    await stop();
    expect((await look(jobid)).jobstatus).toBe(0);
    expect((await client.call("listAsyncJobs")).asyncjobs.map((job: Json) => job.jobid)).toEqual([jobid]);
  },
  async limit() {
    await arm("limit", { type: "template" });
    await expect(client.call("createTemplate", await capture())).rejects.toMatchObject({
      code: 535,
      message: expect.stringContaining("Type = 'template'"),
    });
  },
  async "list-empty"() {
    const name = "DefaultIsolatedNetworkOfferingWithSourceNatService";
    const offering = (await client.call("listNetworkOfferings", { name })).networkoffering[0];
    const { zoneid } = await client.world();
    const fields = { name: "net", zoneid, networkofferingid: offering.id };
    const { network } = await client.call("createNetwork", fields);
    await client.job("createEgressFirewallRule", { networkid: network.id, protocol: "all" });
    await arm("list-empty");
    expect(await client.call("listEgressFirewallRules", { networkid: network.id })).toEqual({});
    expect((await client.call("listEgressFirewallRules", { networkid: network.id })).count).toBe(1);
  },
  async maintenance() {
    await arm("maintenance");
    await expect(client.call("listZones")).rejects.toMatchObject({ code: 503 });
    await lab.control.clearFaults();
    await arm("maintenance", { jobs: "only" });
    expect((await client.call("listZones")).count).toBe(2);
    const jobs = (await client.call("listAsyncJobs", { startdate: "2020-01-01" })).count;
    await expect(client.call("createTemplate", await capture())).rejects.toMatchObject({ code: 503 });
    expect(await client.call("listTemplates", { templatefilter: "self" })).toEqual({});
    expect((await client.call("listAsyncJobs", { startdate: "2020-01-01" })).count).toBe(jobs);
  },
  async "template-never-ready"() {
    await arm("template-never-ready");
    const { template } = await client.job("createTemplate", await capture());
    const listed = await client.call("listTemplates", { templatefilter: "self", id: template.id });
    expect(listed.template[0]).toMatchObject({ isready: false, status: "Active" });
    await expect(client.job("deleteTemplate", { id: template.id })).rejects.toThrow("Failed to update state");
  },
  async version() {
    await arm("version", { version: "4.16", types: "text" });
    expect((await client.call("listCapabilities")).capability.cloudstackversion).toBe("4.16.1.0");
    expect((await client.raw({ command: "listUserData" })).status).toBe(401);
    await expect(client.call("listApis", { name: "listUserData" })).rejects.toMatchObject({ code: 530 });
    await client.call("createSSHKeyPair", { name: "old" });
    await client.job("resetSSHKeyForVirtualMachine", { id: source.id, keypair: "old" });
    const [old] = (await client.call("listVirtualMachines")).virtualmachine;
    expect(old).toMatchObject({ keypair: "old", memory: "1024", passwordenabled: "false" });
    for (const younger of ["arch", "keypairs", "deleteprotection", "domainpath"]) {
      expect(old).not.toHaveProperty(younger);
    }
    await lab.control.clearFaults();
    await arm("version", { version: "4.20" });
    const [newer] = (await client.call("listVirtualMachines")).virtualmachine;
    expect(newer).toMatchObject({ keypairs: "old", deleteprotection: false, memory: 1024 });
    expect(newer).not.toHaveProperty("arch");
  },
  async kill() {
    const pid = await lab.pid();
    await arm("kill", { step: "instance start" });
    await start().catch(() => undefined);
    await gone(pid);
    client = await lab.up();
    expect((await client.call("listVirtualMachines", { id: source.id })).count).toBe(1);
  },
};

test.each(Object.entries(cases))("%s", (_, act) => act());

test("every fault is tried here, and the command line tells what each does", async () => {
  expect(Object.keys(cases).sort()).toEqual(allFaults.map(({ name }) => name).sort());
  const { stdout } = await lab.run("inject", "--list");
  for (const { name, description } of allFaults) {
    expect(stdout).toContain(name);
    expect(stdout).toContain(description);
  }
});
