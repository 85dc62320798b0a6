/** A lab that was killed takes up its work: machines are looked at, interrupted jobs go on or are told as lost. */

import { wordsOf } from "../errors.ts";
import { inParallel } from "../parallel.ts";
import type { Cloud } from "./cloud.ts";
import type { Plan } from "./jobs.ts";
import { collectLayers } from "./layers.ts";
import { boot, halt, publish } from "./machines.ts";
import type { Instance, Job } from "./model.ts";
import { syncPower } from "./power.ts";

/** What a job was about; undefined where the command cannot go on. */
export type Resume = (job: Job) => Plan | undefined;

export async function recover(cloud: Cloud, resume: Resume): Promise<void> {
  const { store } = cloud;
  const interrupted = store.filter("jobs", ({ status }) => status === 0);
  const underWork = new Set(interrupted.map(({ instanceId }) => instanceId));
  await removeUnknownMachines(cloud);
  const between = store.filter("instances", ({ state }) => state === "Starting" || state === "Stopping");
  for (const instance of between) {
    if (!underWork.has(instance.id)) await settle(cloud, instance);
  }
  await syncPower(cloud, underWork);
  for (const instance of store.filter("instances", ({ state }) => state === "Running")) {
    if (!underWork.has(instance.id)) await publish(cloud, instance);
  }
  for (const job of interrupted) {
    const plan = resume(job);
    cloud.log(
      `job ${job.id} ${job.command}: interrupted, ${plan ? "taken up again" : "its outcome is lost"}`,
    );
    if (plan) cloud.jobs.launch(job, plan);
    else store.transaction(() => cloud.jobs.lose(job));
  }
  await collectLayers(cloud);
}

/** Machines that ran when the lab went down run again; one that cannot stays stopped, and the log says why. */
export async function wakeMachines(cloud: Cloud, progress: (line: string) => void): Promise<void> {
  const sleeping = cloud.store.filter(
    "instances",
    (row) => row.startWithLab === true && row.state === "Stopped",
  );
  if (sleeping.length > 0) progress(`starting ${sleeping.length} machines that ran before`);
  await inParallel(sleeping, 4, async ({ id, name }) => {
    cloud.store.transaction(() => cloud.moveInstance(id, "start"));
    try {
      await boot(cloud, id);
      cloud.store.transaction(() => cloud.moveInstance(id, "started", { startWithLab: false }));
      progress(`  ${name} runs`);
    } catch (error) {
      await halt(cloud, id, true);
      cloud.store.transaction(() => cloud.moveInstance(id, "startFailed", { startWithLab: false }));
      progress(`  ${name} does not start: ${wordsOf(error)}`);
    }
  });
}

/** A lab killed while it went down or came up leaves machines between two states, and no job for them. */
async function settle(cloud: Cloud, instance: Instance): Promise<void> {
  const runs = (await cloud.driver.state(instance.id)) === "running";
  const { id, state } = instance;
  if (state === "Starting") {
    if (runs) await halt(cloud, id, true);
    cloud.store.transaction(() => cloud.moveInstance(id, "startFailed"));
  }
  if (state === "Stopping")
    cloud.store.transaction(() => cloud.moveInstance(id, runs ? "stopFailed" : "stopped"));
}

async function removeUnknownMachines(cloud: Cloud): Promise<void> {
  for (const id of await cloud.driver.list()) {
    if (cloud.store.get("instances", id)) continue;
    cloud.log(`machine ${id} belongs to no instance: removed`);
    await cloud.driver.kill(id);
    await cloud.driver.remove(id);
  }
}
