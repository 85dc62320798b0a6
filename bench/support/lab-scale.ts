/** The lab with a thousand instances that have no guests: lists, deployments, memory, start, and many callers at once. */
import { z } from "zod";
import { measured, median, printBound } from "./figures.ts";
import { OwnLab } from "./own-lab.ts";

const instances = 1000;
const promisedPageSeconds = 0.05;
const promisedAcceptedSeconds = 0.01;
const promisedMemoryMiB = 300;
const promisedStartSeconds = 2;
const callers = 100;
const loadSeconds = 30;

const found = z.looseObject({});
const rows = (key: string) =>
  z.looseObject({ [key]: z.array(z.looseObject({ id: z.string(), name: z.string().optional() })) });

/** @returns whether each promise is kept */
export async function labScale(): Promise<boolean[]> {
  const lab = new OwnLab();
  try {
    await lab.up();
    return [
      await deployments(lab),
      await pages(lab),
      await memory(lab, `with ${instances} instances`),
      await start(lab, "after kill -9", () => lab.kill()),
      await start(lab, "after lab down, every machine started again", async () => {
        await lab.run("down");
      }),
      await load(lab),
      await memory(lab, "after the load"),
    ];
  } finally {
    await lab.end();
  }
}

async function first(lab: OwnLab, command: string, key: string, fields = {}): Promise<string> {
  const answer = rows(key).parse(await lab.call(command, fields));
  const id = (answer[key] as { id: string }[])[0]?.id;
  if (id === undefined) throw new Error(`${command} shows nothing`);
  return id;
}

async function deployments(lab: OwnLab): Promise<boolean> {
  const where = {
    zoneid: await first(lab, "listZones", "zone", { name: "lab-zone" }),
    serviceofferingid: await first(lab, "listServiceOfferings", "serviceoffering"),
    templateid: await first(lab, "listTemplates", "template", { templatefilter: "featured" }),
    networkids: await first(lab, "listNetworks", "network", { name: "lab-network" }),
  };
  const seconds: number[] = [];
  const jobs: string[] = [];
  const all = await measured(async () => {
    for (let index = 0; index < instances; index++) {
      seconds.push(
        await measured(async () => {
          const answer = await lab.call("deployVirtualMachine", { ...where, name: `vm-${index}` });
          jobs.push(z.string().parse(answer.jobid));
        }),
      );
    }
    for (const job of jobs) await lab.done(job);
  });
  process.stdout.write(`${instances} instances without guests deployed in ${all.toFixed(1)} s\n`);
  const typical = median(seconds);
  return printBound(
    `  deploy accepted: median ${milliseconds(typical)}, p99 ${milliseconds(quantile(seconds, 0.99))}`,
    typical <= promisedAcceptedSeconds,
    `median at most ${milliseconds(promisedAcceptedSeconds)}`,
  );
}

async function pages(lab: OwnLab): Promise<boolean> {
  const seconds: number[] = [];
  for (let call = 0; call < 40; call++) {
    seconds.push(
      await measured(async () => {
        const page = { page: String(1 + (call % 2)), pagesize: "500" };
        const { virtualmachine } = await lab.call("listVirtualMachines", page);
        if (z.array(found).parse(virtualmachine).length !== 500) throw new Error("no page of 500");
      }),
    );
  }
  const typical = median(seconds);
  return printBound(
    `listVirtualMachines, a page of 500 of ${instances}: median ${milliseconds(typical)}, most ${milliseconds(Math.max(...seconds))}`,
    typical <= promisedPageSeconds,
    `at most ${milliseconds(promisedPageSeconds)}`,
  );
}

async function memory(lab: OwnLab, when: string): Promise<boolean> {
  const mebibytes = await lab.memory();
  return printBound(
    `lab process ${when}: ${mebibytes.toFixed(0)} MB resident`,
    mebibytes <= promisedMemoryMiB,
    `at most ${promisedMemoryMiB} MB`,
  );
}

async function start(lab: OwnLab, title: string, stop: () => Promise<void>): Promise<boolean> {
  await stop();
  const seconds = await lab.up();
  const { count } = await lab.call("listVirtualMachines", { state: "Running", page: "1", pagesize: "1" });
  if (count !== instances) throw new Error(`${count} of ${instances} instances run`);
  return printBound(
    `start ${title}: ${seconds.toFixed(2)} s`,
    seconds <= promisedStartSeconds,
    `at most ${promisedStartSeconds} s`,
  );
}

/** What clients do most: ask for one thing, and how a job is. */
async function load(lab: OwnLab): Promise<boolean> {
  const seconds: number[] = [];
  const faults: string[] = [];
  const end = performance.now() + loadSeconds * 1000;
  const caller = async (number: number) => {
    for (let turn = 0; performance.now() < end; turn++) {
      const ask = [
        () => lab.call("listVirtualMachines", { name: `vm-${(number * 7 + turn) % instances}` }),
        () => lab.call("listZones"),
        () => lab.call("listTemplates", { templatefilter: "all" }),
        () => lab.call("listVirtualMachines", { page: "1", pagesize: "20" }),
      ][turn % 4];
      if (!ask) continue;
      try {
        seconds.push(await measured(ask));
      } catch (error) {
        faults.push(String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, number) => caller(number)));
  if (faults[0] !== undefined) process.stdout.write(`  ${faults[0]}\n`);
  return printBound(
    `${callers} callers at once for ${loadSeconds} s: ${seconds.length} signed requests, ${faults.length} errors, ` +
      `median ${milliseconds(median(seconds))}, p99 ${milliseconds(quantile(seconds, 0.99))}`,
    faults.length === 0,
    "no error",
  );
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(1)} ms`;
}
