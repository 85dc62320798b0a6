/** Everything a command needs before it starts, each part made once. */

import { ensureEngine } from "./engine/engine.ts";
import type { EngineRecord } from "./engine/record.ts";
import { type EnvironmentInputs, engineEnvironment, ensureOwnFolders, isLabStack } from "./environment.ts";
import { labEnvironment, labUp } from "./lab.ts";
import { paths } from "./project.ts";
import { ensureSdks } from "./sdk/build.ts";
import { ensurePackages, type Need } from "./system/install.ts";

/** System packages, engine and SDKs. */
export async function setUp(needs: readonly Need[]): Promise<EngineRecord> {
  ensureOwnFolders(paths);
  await ensurePackages(needs);
  const engine = await ensureEngine(paths);
  await ensureSdks(paths);
  return engine;
}

/**
 * The engine's environment for a stack; for lab stacks with the lab's endpoint and keys.
 * @param cloud whether the command talks to the cloud, so that the lab must run
 */
export async function environmentFor(
  record: EngineRecord,
  stack: string,
  cloud: boolean,
): Promise<NodeJS.ProcessEnv> {
  const lab: EnvironmentInputs["lab"] = cloud && isLabStack(stack) ? await runningLab() : undefined;
  return engineEnvironment({ paths, engine: record.engine, given: process.env, lab });
}

async function runningLab(): Promise<Record<string, string>> {
  await labUp();
  return labEnvironment();
}
