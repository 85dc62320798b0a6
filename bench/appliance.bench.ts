/**
 * The appliance of stack dev: all checks in one run over SSH, from a boot until every service does its work, and what
 * the template is made of.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { oma } from "../appliances/oma.ts";
import { formatSeconds } from "../common/progress.ts";
import { questionOf } from "../providers/guest/acts/checks.ts";
import { restart } from "../providers/guest/acts/restart.ts";
import { verdictList } from "../providers/guest/checks/evaluate.ts";
import { askMachine } from "../providers/guest/machine/ask.ts";
import { Connections } from "../providers/ssh/index.ts";
import { run } from "../toolchain/process.ts";
import { root } from "../toolchain/project.ts";
import { pulumi } from "./support/engine.ts";
import { measured, median, printBound, printRatio, printSeries } from "./support/figures.ts";

const checkSeconds = 3;
const readyRatio = 1.2;
const checkRuns = 5;
const parts = 10;

const output = z.object({
  template: z.object({ id: z.string() }),
  connection: z.object({
    host: z.string(),
    ssh: z.object({ user: z.string(), port: z.number(), identityFile: z.string(), hostKey: z.string() }),
  }),
});

const { template, connection } = output.parse(
  JSON.parse(await pulumi(["stack", "output", "--json", "--stack", "dev"], root)),
);
const { host, ssh } = connection;
const target = {
  host,
  port: ssh.port,
  user: ssh.user,
  hostKey: ssh.hostKey,
  privateKey: readFileSync(join(root, ssh.identityFile), "utf8"),
};
const connections = new Connections();

async function checks(): Promise<boolean> {
  const asked = oma.checks.filter(({ phases }) => phases.includes("reboot"));
  const questions = await Promise.all(asked.map((check) => questionOf(check, root)));
  const seconds: number[] = [];
  for (let round = 0; round < checkRuns; round++) {
    seconds.push(
      await measured(() =>
        connections.use(target, undefined, async (shell) => {
          const { verdicts } = verdictList.parse(await askMachine(shell, { checks: questions }));
          const red = verdicts.filter(({ outcome }) => outcome !== "passed");
          if (red.length > 0) throw new Error(`red: ${red.map(({ id }) => id).join(", ")}`);
        }),
      ),
    );
  }
  printSeries({ title: `${questions.length} checks over SSH`, seconds });
  const promise = `at most ${formatSeconds(checkSeconds)}`;
  return printBound("all checks in one run", median(seconds) <= checkSeconds, promise);
}

const readiness = z.object({
  units: z.record(z.string(), z.object({ began: z.number(), ready: z.number() })),
});

async function boot(): Promise<boolean> {
  const inputs = restart.inputs.parse({ connection: target, machineName: "clone", triggers: {} });
  const tools = { connections, signal: undefined, progress: () => {}, root };
  await restart.perform(inputs, tools);
  const program = readFileSync(join(import.meta.dirname, "support", "readiness.py"), "utf8");
  const asked = { units: oma.units.map(({ name, ready }) => ({ name, gate: ready })) };
  const { code, stdout, stderr } = await connections.use(target, undefined, (shell) =>
    shell.exec(`sudo python3 -c "$(echo ${Buffer.from(program).toString("base64")} | base64 -d)"`, {
      stdin: JSON.stringify(asked),
    }),
  );
  if (code !== 0) throw new Error(stderr);
  const units = Object.entries(readiness.parse(JSON.parse(stdout)).units);
  for (const [name, { began, ready }] of units) {
    process.stdout.write(
      `${name}: from ${formatSeconds(began)} of the boot, its own start ${formatSeconds(ready - began)}\n`,
    );
  }
  const first = Math.min(...units.map(([, { began }]) => began));
  const last = Math.max(...units.map(([, { ready }]) => ready));
  const slowest = Math.max(...units.map(([, { began, ready }]) => ready - began));
  process.stdout.write(
    `boot to all services ready: ${formatSeconds(last)}, of which the services took ${formatSeconds(last - first)}\n`,
  );
  return printRatio("all services to the slowest one's own start", (last - first) / slowest, readyRatio);
}

/** Of the template's own layer: what it has over the base template. */
async function size(): Promise<void> {
  const layer = join(root, ".ossea", "lab", "layers", `template-${template.id}`);
  const script = `set -euo pipefail
mkdir -p "$2"; mount -o ro,noload,loop "$1" "$2"
find "$2/upper" -type f -printf "%s\\t%P\\n" |
  awk -F"\\t" '{ split($2, part, "/"); sum[part[1] "/" part[2] "/" part[3]] += $1; total += $1 }
    END { printf "%.0f\\ttotal\\n", total; for (name in sum) printf "%.0f\\t/%s\\n", sum[name], name }' |
  sort -rn | sed -n '1,${parts + 1}p'`;
  const folder = join(root, ".ossea", "bench-layer");
  const looked = await run("unshare", ["--mount", "bash", "-c", script, "size", layer, folder]);
  if (looked.code !== 0) throw new Error(looked.stderr);
  const [total = "0", ...largest] = looked.stdout.trimEnd().split("\n");
  process.stdout.write(`template: ${mebibytes(Number(total))} over its base, its ${parts} largest parts:\n`);
  for (const line of largest) {
    const [bytes = "0", path = ""] = line.split("\t");
    process.stdout.write(`  ${mebibytes(Number(bytes)).padStart(10)}  ${path}\n`);
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

const kept = [await checks(), await boot()];
await size();
connections.close();
if (kept.includes(false)) process.exitCode = 1;
