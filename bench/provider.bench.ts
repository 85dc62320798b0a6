/**
 * The CloudStack provider with many resources, against a lab whose machines are rows: API calls, wall time and memory,
 * beside a bare client that does the same one after the other and ten at a time.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudStack } from "../providers/cloudstack/client/client.ts";
import { perform } from "../providers/cloudstack/client/jobs.ts";
import { generateKeyPair } from "../providers/ssh/index.ts";
import { root } from "../toolchain/project.ts";
import { type CountingLab, countingLab } from "./support/counting.ts";
import { pulumi } from "./support/engine.ts";
import { measured, printBound } from "./support/figures.ts";
import { signal } from "./support/lab.ts";

const few = 50;
const many = 500;
const promisedCalls = 5;
/** Of a million bytes each. */
const promisedMemory = 150;
const gathering = 100;

const program = `
import * as cloudstack from "@pulumi/cloudstack";
const { zone, template, offering, network, publicKey, count } = JSON.parse(process.env.BENCH_INPUT);
const key = new cloudstack.SshKeyPair("key", { publicKey });
for (let index = 0; index < count; index++)
  new cloudstack.Instance("instance-" + index, {
    zoneId: zone, templateId: template, serviceOfferingId: offering, networkIds: [network],
    keyPairs: [key.name], tags: { stage: "bench", index: String(index) },
  });
`;

interface Place {
  zone: string;
  template: string;
  offering: string;
  network: string;
}

const lab = await countingLab();
const folder = mkdtempSync(join(tmpdir(), "provider-bench-"));
const kept: boolean[] = [];
try {
  const client = clientOf(lab);
  const place = await placeIn(client);
  await bare(client, place, 1, "a bare client, one after the other");
  await bare(client, place, 10, "a bare client, 10 at a time");
  await withEngine(place);
} finally {
  rmSync(folder, { recursive: true, force: true });
  await lab.end();
}
if (kept.includes(false)) process.exitCode = 1;

function clientOf({ environment }: CountingLab): CloudStack {
  return new CloudStack({
    apiUrl: new URL(environment.CLOUDSTACK_API_URL ?? ""),
    apiKey: environment.CLOUDSTACK_API_KEY ?? "",
    secretKey: environment.CLOUDSTACK_SECRET_KEY ?? "",
    requestTimeoutSeconds: 30,
    jobTimeoutSeconds: 600,
  });
}

async function placeIn(client: CloudStack): Promise<Place> {
  const first = async (command: string, parameters = {}) => {
    const answer = await client.call(command, parameters, signal);
    return String((Object.values(answer).find(Array.isArray) ?? [])[0]?.id);
  };
  return {
    zone: await first("listZones"),
    template: await first("listTemplates", { templatefilter: "featured" }),
    offering: await first("listServiceOfferings"),
    network: await first("listNetworks", { name: "lab-network" }),
  };
}

/** The same objects, by somebody who writes down nothing. */
async function bare(client: CloudStack, place: Place, atOnce: number, title: string): Promise<void> {
  const { publicKey } = generateKeyPair("bench");
  const waiting = { signal, limitSeconds: 600 };
  lab.counted();
  const ids: string[] = [];
  const seconds = await measured(async () => {
    await client.call("registerSSHKeyPair", { name: "bench", publickey: publicKey }, signal);
    const left = Array.from({ length: few }, (_, index) => index);
    const worker = async () => {
      for (let index = left.shift(); index !== undefined; index = left.shift()) {
        const deployed = await client.submit(
          "deployVirtualMachine",
          {
            zoneid: place.zone,
            templateid: place.template,
            serviceofferingid: place.offering,
            networkids: place.network,
            keypairs: "bench",
          },
          signal,
        );
        while ((await client.job(deployed.jobId, signal))?.jobstatus === 0);
        const id = String(deployed.id);
        ids.push(id);
        const tags = {
          "tags[0].key": "stage",
          "tags[0].value": "bench",
          "tags[1].key": "index",
          "tags[1].value": String(index),
        };
        await perform(client, "createTags", { resourcetype: "UserVm", resourceids: id, ...tags }, waiting);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  });
  tell(title, seconds, few);
  for (const id of ids) await perform(client, "destroyVirtualMachine", { id, expunge: "true" }, waiting);
  await client.call("deleteSSHKeyPair", { name: "bench" }, signal);
}

function tell(title: string, seconds: number, instances: number): number {
  const counted = lab.counted();
  const calls = Object.values(counted).reduce((sum, count) => sum + count, 0);
  const listed = Object.entries(counted)
    .slice(0, 6)
    .map(([command, count]) => `${command} ${count}`)
    .join(", ");
  process.stdout.write(
    `${title}: ${seconds.toFixed(1)} s, ${calls} calls, ${(calls / instances).toFixed(1)} an instance (${listed})\n`,
  );
  return calls / instances;
}

async function withEngine(place: Place): Promise<void> {
  mkdirSync(join(folder, "state"));
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    `name: many\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.ts\nplugins: { providers: [{ name: cloudstack, path: ${join(root, "providers/cloudstack")} }] }\n`,
  );
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "main": "index.ts" }\n');
  writeFileSync(join(folder, "index.ts"), program);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const { publicKey } = generateKeyPair("bench");
  const run = (count: number, ...args: string[]) =>
    pulumi([...args, "--stack", "dev"], folder, {
      ...process.env,
      ...lab.environment,
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      BENCH_INPUT: JSON.stringify({ ...place, publicKey, count }),
    });
  const up = ["up", "--yes", "--skip-preview", "--non-interactive"];
  await run(0, "stack", "select", "--create");
  lab.counted();
  const made = await measured(() => run(few, ...up));
  const calls = tell(`up of ${few} instances`, made, few);
  kept.push(
    printBound(`  ${calls.toFixed(1)} calls an instance`, calls <= promisedCalls, `at most ${promisedCalls}`),
  );
  const memory = memoryOfProvider();
  await run(many, ...up);
  lab.counted();
  const refreshed = await measured(() =>
    run(many, "refresh", "--yes", "--skip-preview", "--non-interactive"),
  );
  const peak = await memory.peak();
  const each = tell(`refresh of ${many} instances`, refreshed, many);
  kept.push(printBound(`  ${each.toFixed(2)} calls an instance`, each < 1, "lists in batches, not one each"));
  kept.push(
    printBound(
      `  provider memory ${peak.toFixed(0)} MB`,
      peak <= promisedMemory,
      `at most ${promisedMemory} MB`,
    ),
  );
}

/** The most that the provider's process had in memory, looked at again and again while it is there. */
function memoryOfProvider(): { peak(): Promise<number> } {
  let highest = 0;
  const timer = setInterval(() => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/u.test(name))) {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("providers/cloudstack/main.ts")) continue;
        const found = /VmHWM:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
        highest = Math.max(highest, (Number(found?.[1] ?? 0) * 1024) / 1e6);
      } catch {
        // It ended while it was looked at.
      }
    }
  }, gathering);
  return {
    async peak() {
      clearInterval(timer);
      return highest;
    },
  };
}
