/** Start, stop and reboot of instances that are there, as jobs. */
import { wordsOf } from "../errors.ts";
import { inParallel } from "../parallel.ts";
import type { Cloud } from "./cloud.ts";
import { bootOrSay, type ShowInstance, startedDetails, stoppedDetails } from "./deploy.ts";
import { ApiError, invalidValue, runtimeFault } from "./failure.ts";
import type { Plan } from "./jobs.ts";
import { halt, publish } from "./machines.ts";
import type { Instance } from "./model.ts";

function planFor(instanceId: string, parts: Pick<Plan, "work" | "failed" | "options">): Plan {
  return { instanceType: "VirtualMachine", instanceId, queue: instanceId, ...parts };
}

export function startPlan(cloud: Cloud, instanceId: string, show: ShowInstance): Plan {
  return planFor(instanceId, {
    async work() {
      const instance = living(cloud, instanceId);
      const volume = cloud.rootVolume(instanceId);
      if (instance.state === "Running") {
        throw invalidValue(`The virtual machine ${instance.id} (${instance.displayName}) is already running`);
      }
      if (instance.state !== "Stopped" && instance.state !== "Starting") {
        throw runtimeFault(`Unable to start ${instance.name}: it is in state ${instance.state}`);
      }
      cloud.store.transaction(() => {
        if (instance.state === "Stopped") cloud.moveInstance(instanceId, "start");
        if (volume?.state === "Allocated") cloud.moveVolume(volume.id, "create");
      });
      await bootOrSay(cloud, instanceId, undefined, () => halt(cloud, instanceId, true));
      return () => {
        if (volume && cloud.store.need("volumes", volume.id).state === "Creating") {
          cloud.moveVolume(volume.id, "created");
        }
        const details = startedDetails(cloud.store.need("instances", instanceId));
        return { virtualmachine: show(cloud, cloud.moveInstance(instanceId, "started", { details })) };
      };
    },
    failed() {
      const volume = cloud.rootVolume(instanceId);
      if (volume?.state === "Creating") cloud.moveVolume(volume.id, "createFailed");
      if (cloud.store.get("instances", instanceId)?.state === "Starting") {
        cloud.moveInstance(instanceId, "startFailed");
      }
    },
  });
}

/** Stopping what does not run is fine. */
export function stopPlan(
  cloud: Cloud,
  instanceId: string,
  forced: boolean,
  show: ShowInstance,
  describe: (cloud: Cloud, instance: Instance) => string,
): Plan {
  return planFor(instanceId, {
    options: { forced: String(forced) },
    async work() {
      await stopNow(cloud, instanceId, forced, describe);
      return () => {
        const instance = living(cloud, instanceId);
        const stopped =
          instance.state === "Stopping"
            ? cloud.moveInstance(instanceId, "stopped", { details: stoppedDetails(instance) })
            : instance;
        return { virtualmachine: show(cloud, stopped) };
      };
    },
    failed: () => stopFailed(cloud, instanceId),
  });
}

/** Leaves a running instance in Stopping, with nothing of it running. */
export async function stopNow(
  cloud: Cloud,
  instanceId: string,
  forced: boolean,
  describe: (cloud: Cloud, instance: Instance) => string,
): Promise<void> {
  const instance = living(cloud, instanceId);
  if (instance.state !== "Running" && instance.state !== "Stopping") return;
  if (instance.state === "Running")
    cloud.store.transaction(() => cloud.moveInstance(instanceId, "stop", { startWithLab: false }));
  try {
    await halt(cloud, instanceId, forced);
  } catch (error) {
    cloud.log(`instance ${instance.name} cannot be stopped: ${wordsOf(error)}`);
    throw runtimeFault(`Unable to stop ${describe(cloud, instance)}`);
  }
}

export function stopFailed(cloud: Cloud, instanceId: string): void {
  if (cloud.store.get("instances", instanceId)?.state === "Stopping")
    cloud.moveInstance(instanceId, "stopFailed");
}

export function rebootPlan(cloud: Cloud, instanceId: string, forced: boolean, show: ShowInstance): Plan {
  return planFor(instanceId, {
    options: { forced: String(forced) },
    async work() {
      if (living(cloud, instanceId).state !== "Running") {
        throw new ApiError(530, "Failed to reboot vm instance", 9999);
      }
      await halt(cloud, instanceId, forced);
      await bootOrSay(cloud, instanceId, undefined, () => halt(cloud, instanceId, true));
      return () => ({ virtualmachine: show(cloud, living(cloud, instanceId)) });
    },
  });
}

/** Machines that powered themselves off, or whose host did: the cloud learns of it. */
export async function syncPower(
  cloud: Cloud,
  except: ReadonlySet<string | undefined> = new Set(),
): Promise<void> {
  const running = cloud.store.filter("instances", ({ state }) => state === "Running");
  await inParallel(running, 8, async ({ id }) => {
    if (cloud.jobs.busyWith(id) !== undefined || except.has(id)) return;
    await cloud.machines.hold(id, async () => {
      const state = await cloud.driver.state(id);
      const instance = cloud.store.get("instances", id);
      if (state === "running" || instance?.state !== "Running" || cloud.jobs.busyWith(id) !== undefined)
        return;
      // What a machine that went off by itself left on the host goes now.
      await cloud.driver.kill(id);
      cloud.store.transaction(() => cloud.moveInstance(id, "foundOff"));
      cloud.log(`instance ${instance.name}: found off`);
    });
  });
}

/** New user data or keys for a guest that runs. */
export function republish(cloud: Cloud, instanceId: string): Promise<void> {
  return cloud.machines.hold(instanceId, async () => {
    const instance = cloud.store.get("instances", instanceId);
    if (instance?.state === "Running") await publish(cloud, instance);
  });
}

function living(cloud: Cloud, instanceId: string): Instance {
  const instance = cloud.store.get("instances", instanceId);
  if (!instance) throw invalidValue(`Unable to find a virtual machine with id ${instanceId}`);
  return instance;
}
