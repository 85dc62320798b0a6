/** What Instance and Template both do with instances. */
import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import { findAll, findRow, type Listing } from "../client/batches.ts";
import type { CloudStack } from "../client/client.ts";
import { isFault } from "../client/faults.ts";
import { growingPauses, JobTimeout, perform, type Waiting } from "../client/jobs.ts";

const gone = new Set(["Destroyed", "Expunging", "Expunged"]);
const passing = new Set(["Starting", "Stopping", "Migrating", "Restoring", "Shutdown"]);

const instances: Listing<answers.Instance> = {
  command: "listVirtualMachines",
  row: answers.instance,
  idsParameter: "ids",
};

const rootVolumes: Listing<answers.Volume> = {
  command: "listVolumes",
  row: answers.volume,
  parameters: { type: "ROOT" },
};

const gibibyte = 1024 ** 3;

/** @returns its size in GiB */
export async function rootVolumeOf(
  cloud: CloudStack,
  instanceId: string,
): Promise<{ id: string; size: number }> {
  const [volume] = await findAll(
    cloud,
    rootVolumes,
    instanceId,
    (virtualmachineid) => ({ virtualmachineid }),
    (row, id) => row.virtualmachineid === id,
  );
  return { id: volume?.id ?? "", size: Math.round((volume?.size ?? 0) / gibibyte) };
}

/** One text, names joined by commas; before 4.17 under another name. */
export function keyPairsOf({ keypairs, keypair }: answers.Instance): string[] {
  return (keypairs ?? keypair ?? "").split(",").filter(Boolean);
}

/** What a job tells of a password: once, and never again. */
export function passwordIn(result: Record<string, unknown> | undefined): string | undefined {
  const { password } = (result?.virtualmachine ?? {}) as { password?: unknown };
  return typeof password === "string" && password !== "" ? password : undefined;
}

/** @returns undefined when it does not exist, or is destroyed */
export async function findInstance(
  cloud: CloudStack,
  id: string,
  signal: AbortSignal,
): Promise<answers.Instance | undefined> {
  signal.throwIfAborted();
  const found = await findRow(cloud, instances, id);
  return found && isAlive(found) ? found : undefined;
}

export function isAlive({ state }: answers.Instance): boolean {
  return !gone.has(state);
}

/** Waits until the instance is neither starting nor stopping. */
export async function settledInstance(
  cloud: CloudStack,
  id: string,
  waiting: Waiting,
): Promise<answers.Instance | undefined> {
  const begun = performance.now();
  for (const pause of growingPauses()) {
    const found = await findInstance(cloud, id, waiting.signal);
    if (!found || !passing.has(found.state)) return found;
    const seconds = (performance.now() - begun) / 1000;
    if (waiting.limitSeconds !== undefined && seconds > waiting.limitSeconds) {
      throw new JobTimeout(found.jobid ?? `of ${found.name}`, waiting.limitSeconds);
    }
    await delay(pause, undefined, { signal: waiting.signal });
  }
  throw new Error("unreachable");
}

/**
 * Destroys it and its root volume for good, or, where this key may not expunge, as far as it may.
 * @returns false when it is destroyed but stays on record until the cloud expunges it
 */
export async function destroyInstance(
  cloud: CloudStack,
  id: string,
  expunge: boolean,
  waiting: Waiting,
): Promise<boolean> {
  if (!(await findInstance(cloud, id, waiting.signal))) return true;
  try {
    await perform(cloud, "destroyVirtualMachine", { id, ...(expunge && { expunge: "true" }) }, waiting);
    return expunge;
  } catch (error) {
    if (!(await findInstance(cloud, id, waiting.signal))) return true;
    // A user without the right to expunge is told the general error, and the instance is left as it was.
    if (!expunge || !isFault(error, "internal", "permission")) throw error;
    await perform(cloud, "destroyVirtualMachine", { id }, waiting);
    return false;
  }
}

/** How long this call may wait for a job. */
export function waitingOf(
  { client, signal, deadline, log }: Context<CloudStack>,
  doing: string,
): Waiting & { onPending(elapsedSeconds: number): void } {
  return {
    signal,
    limitSeconds: deadline ? undefined : client.settings.jobTimeoutSeconds,
    onPending: (elapsed) => {
      if (elapsed > 2) log.status(`${doing} (${Math.round(elapsed)} s)`);
    },
  };
}
