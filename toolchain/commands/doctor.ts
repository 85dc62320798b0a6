/** npm run doctor [-- --stack NAME]: what this machine and the configured cloud can do, every fault at once. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../../config.ts";
import { judgeCloud } from "../doctor/cloud.ts";
import { cloudKeys, cloudQuestion } from "../doctor/cloud-question.ts";
import { judgeEngine, recordedEngine } from "../doctor/engine.ts";
import { describeFindings, type Finding, note, ok } from "../doctor/finding.ts";
import { gatherMachineFacts, judgeMachine } from "../doctor/machine.ts";
import { judgeStack } from "../doctor/stack.ts";
import { isLabStack, parseEnvironmentLines } from "../environment.ts";
import { labCommand } from "../lab.ts";
import { run } from "../process.ts";
import { paths } from "../project.ts";
import { ensureSdks } from "../sdk/build.ts";
import { defaultStack, stackArgument } from "../stack.ts";
import type { Command } from "./command.ts";

export const doctor: Command = async (args) => {
  const { stack = defaultStack } = stackArgument(args);
  await ensureSdks(paths);
  const record = recordedEngine(paths);
  const judged = judgeStack(paths.root, stack);
  const environment = isLabStack(stack) ? await labKeys() : process.env;
  const findings: Finding[] = [
    ...judgeMachine(await gatherMachineFacts(paths, record !== undefined)),
    ...(await judgeEngine(paths, record)),
    judgeBaseImage(),
    ...judged.findings,
    ...(environment
      ? await judgeConfiguredCloud(environment, judged.settings)
      : [note("cloud", "lab", "is not running", "npm run lab -- up")]),
  ];
  process.stdout.write(`${describeFindings(findings).join("\n")}\n`);
  return findings.some(({ state }) => state === "fault") ? 1 : 0;
};

async function judgeConfiguredCloud(
  environment: Readonly<Record<string, string | undefined>>,
  settings: Settings | undefined,
): Promise<Finding[]> {
  const keys = cloudKeys(environment);
  return Array.isArray(keys) ? keys : judgeCloud(cloudQuestion(keys, settings));
}

function judgeBaseImage(): Finding {
  const folder = join(paths.cache, "images");
  const images = existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith(".lock")) : [];
  return images.length > 0
    ? ok("lab", "base images in the cache", images.join(", "))
    : note("lab", "base images in the cache", "none yet; the lab's first start makes one");
}

/** @returns undefined when the lab does not run */
async function labKeys(): Promise<Record<string, string> | undefined> {
  const [program, ...args] = labCommand(["env"]);
  const result = await run(program, args, { cwd: paths.root, limit: 20_000 });
  const values = parseEnvironmentLines(result.stdout);
  return result.code === 0 && values.CLOUDSTACK_API_URL ? values : undefined;
}
