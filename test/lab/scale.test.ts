/** Many instances: pages add up, nothing is given twice, and lists stay cheap. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client, Json } from "./support/client.ts";
import { LabProcess } from "./support/process.ts";

const lab = new LabProcess();
const many = 600;
let client: Client;

beforeAll(async () => {
  client = await lab.up();
  const { ostypeid: _, ...place } = await client.world();
  const jobs: string[] = [];
  const names = Array.from({ length: many }, (_, index) => `vm-${index}`);
  const worker = async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      jobs.push((await client.call("deployVirtualMachine", { ...place, name })).jobid);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  for (const jobid of jobs) expect((await client.done(jobid)).jobstatus).toBe(1);
});
afterAll(() => lab.end());

test("addresses are given once, public ones in the lab's own block", async () => {
  const all = await client.call("listVirtualMachines", { page: 1, pagesize: -1 });
  expect(all.count).toBe(many);
  const unique = (pick: (row: Json) => string) => new Set(all.virtualmachine.map(pick)).size;
  expect(unique((row) => row.nic[0].ipaddress)).toBe(many);
  expect(unique((row) => row.nic[0].macaddress)).toBe(many);
  expect(unique((row) => row.publicip)).toBe(many);
  expect(unique((row) => row.publicip.split(".").slice(0, 2).join("."))).toBe(1);
});

test("without a page a list is cut at 500 and says the whole count; pages add up", async () => {
  const cut = await client.call("listVirtualMachines");
  expect([cut.count, cut.virtualmachine.length]).toEqual([many, 500]);
  const ids: string[] = [];
  for (let page = 1; page <= 7; page++) {
    const part = await client.call("listVirtualMachines", { page, pagesize: 100 });
    expect(part.count).toBe(many);
    ids.push(...(part.virtualmachine ?? []).map((row: Json) => row.id));
  }
  expect(new Set(ids).size).toBe(many);
  expect(ids).toHaveLength(many);
  expect(await client.call("listVirtualMachines", { page: 9, pagesize: 100 })).toEqual({ count: many });
});

test("a list of one among many answers at once: the median is told", async () => {
  const times: number[] = [];
  for (let index = 0; index < 200; index++) {
    const start = performance.now();
    const found = await client.call("listVirtualMachines", { name: `vm-${index}` });
    times.push(performance.now() - start);
    expect(found.count).toBe(1);
  }
  const median = times.sort((a, b) => a - b)[100] ?? 0;
  console.log(`listVirtualMachines by name among ${many}: median ${median.toFixed(1)} ms`);
});
