/**
 * A full `up` in the lab against a plain shell script that does the same steps on the same lab over one SSH connection.
 * The stack of the measurement is one of its own; what both made is removed again. Of the `up` the seal is told too.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { formatSeconds } from "../common/progress.ts";
import { perform } from "../providers/cloudstack/client/jobs.ts";
import { run } from "../toolchain/process.ts";
import { root } from "../toolchain/project.ts";
import { writeBaseline } from "./support/baseline.ts";
import { pulumi } from "./support/engine.ts";
import { inTurn, median, printBound, printRatio, printSeries, type Series } from "./support/figures.ts";
import { isContainerBase, labClient, placement, signal, templateNamed } from "./support/lab.ts";

const rounds = 2;
const promisedRatio = 1.3;
const promisedSealSeconds = 10;
const keyPairName = `baseline-${process.pid}`;

const cloud = labClient();
const state = mkdtempSync(join(tmpdir(), "bench-state-"));
const env = { ...process.env, PULUMI_BACKEND_URL: `file://${state}` };

/** The stack dev under another template name: its own template may be there. */
const configFile = join(state, "Pulumi.dev.yaml");
const config = parseDocument(readFileSync(join(root, "Pulumi.dev.yaml"), "utf8"));
config.deleteIn(["encryptionsalt"]);
config.setIn(["config", "ossea-appliances:templateName"], `bench-${process.pid}`);
// The script looks for no secrets either.
config.setIn(["config", "ossea-appliances:templateSearch"], "off");
writeFileSync(configFile, config.toString());
const options = [
  "--yes",
  "--skip-preview",
  "--non-interactive",
  "--stack",
  "dev",
  "--config-file",
  configFile,
];

const seals: number[] = [];

async function program(): Promise<void> {
  const told = await pulumi(["up", ...options], root, env);
  seals.push(Number(/seal: complete in (\d+) ms/u.exec(told)?.[1] ?? Number.NaN) / 1000);
}

async function removeProgram(): Promise<void> {
  await pulumi(["destroy", ...options], root, env);
}

async function baseline(folder: string): Promise<void> {
  const result = await run("bash", [join(root, "bench", "baseline", "build.sh"), folder]);
  if (result.code !== 0) throw new Error(`build.sh: exit status ${result.code}\n${result.stderr}`);
}

async function removeBaseline(folder: string): Promise<void> {
  const waiting = { signal, limitSeconds: 600 };
  const made = readFileSync(join(folder, "made"), "utf8").split("\n").filter(Boolean);
  // The clone before the template that it is made from.
  for (const line of made.reverse()) {
    const [kind, id = ""] = line.split(" ");
    if (kind === "instance") await perform(cloud, "destroyVirtualMachine", { id, expunge: "true" }, waiting);
    else await perform(cloud, "deleteTemplate", { id }, waiting);
  }
  rmSync(folder, { recursive: true, force: true });
}

async function prepare(): Promise<string> {
  const where = await placement(cloud);
  const templateid = await templateNamed(cloud, isContainerBase);
  const osTypes = await cloud.list(
    "listTemplates",
    z.object({ ostypeid: z.string() }),
    { templatefilter: "all" },
    signal,
  );
  return writeBaseline(async (publickey) => {
    await cloud.call("registerSSHKeyPair", { name: keyPairName, publickey }, signal);
    return { ...where, templateid: templateid ?? "", ostypeid: osTypes[0]?.ostypeid ?? "", keyPairName };
  });
}

try {
  await pulumi(["stack", "init", "dev"], root, env);
  const runs: Series[] = [];
  for (let round = 0; round < rounds; round++) {
    const folder = await prepare();
    runs.push(
      ...(await inTurn(1, [
        { title: "pulumi up", work: program },
        { title: "shell script", work: () => baseline(folder) },
      ])),
    );
    await removeProgram();
    await removeBaseline(folder);
    await cloud.call("deleteSSHKeyPair", { name: keyPairName }, signal);
  }
  const together = (title: string) => ({
    title,
    seconds: runs.filter((each) => each.title === title).flatMap(({ seconds }) => seconds),
  });
  const [ours, plain] = [together("pulumi up"), together("shell script")];
  printSeries(ours);
  printSeries(plain);
  const ratio = median(ours.seconds) / median(plain.seconds);
  const kept = [printRatio("full up to shell script", ratio, promisedRatio)];
  printSeries({ title: "seal", seconds: seals });
  const promise = `at most ${formatSeconds(promisedSealSeconds)}`;
  kept.push(printBound("the slowest seal", Math.max(...seals) <= promisedSealSeconds, promise));
  if (kept.includes(false)) process.exitCode = 1;
} catch (error) {
  await removeProgram();
  throw error;
} finally {
  rmSync(state, { recursive: true, force: true });
}
