/** The lab's own figures: from deploy to a login by SSH, many machines at once, list calls, memory, and its scale. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { run } from "../toolchain/process.ts";
import { root } from "../toolchain/project.ts";
import { measured, median, printBound, printSeries } from "./support/figures.ts";
import {
  deployUntilLogin,
  expunge,
  isContainerBase,
  labClient,
  placement,
  signal,
  templateNamed,
  withKeyPair,
} from "./support/lab.ts";
import { labScale } from "./support/lab-scale.ts";

const deployments = 5;
const machinesAtOnce = 10;
const listCalls = 300;
const promisedLoginSeconds = 6;
const promisedListSeconds = 0.005;
const promisedMemoryMiB = 200;

const cloud = labClient();
const where = await placement(cloud);
const base = await templateNamed(cloud, isContainerBase);
const appliance = await templateNamed(cloud, (name) => name.startsWith("oma-dev-"));
if (!base) throw new Error("the lab has no base template");

const login = await loginOf(base);
const kept = [
  ...(await labScale()),
  ...(await timeToLogin("base image with its cloud-init", base, login)),
  await manyAtOnce(base, login),
  ...(appliance ? await timeToLogin("sealed appliance", appliance, "oma_admin") : notThere()),
  await lists(),
  await memory(),
];
if (kept.includes(false)) process.exitCode = 1;

/** The base image's name says the distribution, and that its login. */
async function loginOf(id: string): Promise<string> {
  return (await templateNamed(cloud, (name) => name.startsWith("Ubuntu"))) === id ? "ubuntu" : "debian";
}

function notThere(): [] {
  process.stdout.write("sealed appliance: none is there to measure; npm start makes one\n");
  return [];
}

/** All deployed in one moment, with the smallest offering. */
async function manyAtOnce(templateid: string, user: string): Promise<boolean> {
  const seconds: number[] = [];
  const small = await placement(cloud, "1 vCPU, 1 GiB");
  const whole = await measured(() =>
    withKeyPair(cloud, async (key, name) => {
      const ids: string[] = [];
      const one = async () => {
        seconds.push(
          await measured(async () => {
            ids.push(await deployUntilLogin(cloud, { ...small, templateid }, user, key, name));
          }),
        );
      };
      await Promise.all(Array.from({ length: machinesAtOnce }, one));
      await Promise.all(ids.map((id) => expunge(cloud, id)));
    }),
  );
  printSeries({ title: `${machinesAtOnce} machines at once, deploy to SSH login`, seconds });
  process.stdout.write(`  with all of them expunged: ${whole.toFixed(1)} s\n`);
  return seconds.length === machinesAtOnce;
}

async function timeToLogin(title: string, templateid: string, user: string): Promise<boolean[]> {
  const seconds: number[] = [];
  await withKeyPair(cloud, async (key, name) => {
    for (let round = 0; round < deployments; round++) {
      let id = "";
      seconds.push(
        await measured(async () => {
          id = await deployUntilLogin(cloud, { ...where, templateid }, user, key, name);
        }),
      );
      await expunge(cloud, id);
    }
  });
  printSeries({ title: `deploy to SSH login, ${title}`, seconds });
  const typical = median(seconds);
  return [
    printBound(
      `  median ${typical.toFixed(1)} s`,
      typical <= promisedLoginSeconds,
      `at most ${promisedLoginSeconds} s`,
    ),
  ];
}

async function lists(): Promise<boolean> {
  const seconds: number[] = [];
  const commands = ["listVirtualMachines", "listTemplates", "listVolumes", "listZones"];
  for (let call = 0; call < listCalls; call++) {
    const command = commands[call % commands.length] ?? "listZones";
    const filter = command === "listTemplates" ? { templatefilter: "all" } : {};
    seconds.push(await measured(() => cloud.call(command, filter, signal)));
  }
  const typical = median(seconds);
  return printBound(
    `list calls: median ${(typical * 1000).toFixed(1)} ms of ${listCalls}`,
    typical <= promisedListSeconds,
    `at most ${promisedListSeconds * 1000} ms`,
  );
}

async function memory(): Promise<boolean> {
  const status = await run("node", ["lab/main.ts", "status", "--json"], { cwd: root });
  const { pid } = z.object({ pid: z.number() }).parse(JSON.parse(status.stdout));
  const kib = Number(/^VmRSS:\s+(\d+)/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  const mib = kib / 1024;
  return printBound(
    `lab process: ${mib.toFixed(0)} MB resident`,
    mib <= promisedMemoryMiB,
    `at most ${promisedMemoryMiB} MB`,
  );
}
