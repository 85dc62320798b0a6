/** The end of instances: destroyed they keep disk and address, expunged nothing stays. */
import { isRoot } from "./accounts.ts";
import type { Cloud } from "./cloud.ts";
import { type ShowInstance, stoppedDetails } from "./deploy.ts";
import { invalidValue, permissionDenied, runtimeFault } from "./failure.ts";
import type { Plan } from "./jobs.ts";
import { collectLayers } from "./layers.ts";
import { erase } from "./machines.ts";
import type { Instance, Job, Volume } from "./model.ts";
import { enforce, removeTagsOf, removeWaysTo } from "./networks.ts";
import { stopFailed, stopNow } from "./power.ts";

export function destroyPlan(
  cloud: Cloud,
  instanceId: string,
  expunge: boolean,
  show: ShowInstance,
  expunged: Readonly<Record<string, unknown>>,
  describe: (cloud: Cloud, instance: Instance) => string,
): Plan {
  return {
    instanceType: "VirtualMachine",
    instanceId,
    queue: instanceId,
    options: { expunge: String(expunge) },
    async work(job) {
      const instance = cloud.store.get("instances", instanceId);
      if (expunge) refuseExpunging(cloud, job);
      if (!instance) return () => ({ virtualmachine: expunged });
      if (instance.deleteProtection) {
        throw invalidValue(
          `Instance [id = ${instance.id}, name = ${instance.name}] has delete protection enabled and cannot be deleted.`,
        );
      }
      await stopNow(cloud, instanceId, expunge, describe);
      cloud.store.transaction(() => markDestroyed(cloud, instanceId));
      if (!expunge) return () => ({ virtualmachine: show(cloud, cloud.store.need("instances", instanceId)) });
      const conclude = await expungeNow(cloud, instanceId);
      return () => {
        conclude();
        return { virtualmachine: expunged };
      };
    },
    failed: () => stopFailed(cloud, instanceId),
  };
}

export function expungePlan(cloud: Cloud, instanceId: string): Plan {
  return {
    instanceType: "VirtualMachine",
    instanceId,
    queue: instanceId,
    async work(job) {
      refuseExpunging(cloud, job);
      const conclude = await expungeNow(cloud, instanceId);
      return () => {
        conclude();
        return { success: true };
      };
    },
  };
}

/** Left to the administrator (allow.user.expunge.recover.vm). */
function refuseExpunging(cloud: Cloud, { accountId }: Job): void {
  if (isRoot(cloud.store.need("accounts", accountId))) return;
  throw permissionDenied("Account does not have permission for expunging.");
}

function markDestroyed(cloud: Cloud, instanceId: string): void {
  const stopping = cloud.store.need("instances", instanceId);
  if (stopping.state === "Stopping")
    cloud.moveInstance(instanceId, "stopped", { details: stoppedDetails(stopping) });
  const { state } = cloud.store.need("instances", instanceId);
  if (state === "Stopped" || state === "Error") cloud.moveInstance(instanceId, "destroy");
}

export function detachedVolume({ instanceId: _, deviceId: __, attached: ___, ...volume }: Volume): Volume {
  return volume;
}

/** Takes machine, disk and lease away; what it gives back takes the rows. */
async function expungeNow(cloud: Cloud, instanceId: string): Promise<() => void> {
  const { store } = cloud;
  const instance = store.get("instances", instanceId);
  if (!instance) return () => undefined;
  if (instance.state !== "Destroyed" && instance.state !== "Expunging" && instance.state !== "Error") {
    throw runtimeFault("Please destroy vm with specified vmId before expunge");
  }
  const volume = cloud.rootVolume(instanceId);
  store.transaction(() => {
    if (instance.state !== "Expunging") cloud.moveInstance(instanceId, "expunge");
    if (volume && volume.state !== "Expunging") cloud.moveVolume(volume.id, "expunge");
  });
  await erase(cloud, instance);
  return () => {
    for (const tag of store.filter(
      "tags",
      ({ resourceId }) => resourceId === instanceId || resourceId === volume?.id,
    )) {
      store.remove("tags", tag.id);
    }
    if (volume) store.remove("volumes", volume.id);
    for (const data of cloud.dataVolumes(instanceId)) {
      store.put("volumes", detachedVolume(data));
    }
    for (const snapshot of store.filter("instanceSnapshots", (row) => row.instanceId === instanceId)) {
      removeTagsOf(cloud, snapshot.id);
      store.remove("instanceSnapshots", snapshot.id);
    }
    const networkIds = removeWaysTo(cloud, instanceId);
    store.remove("instances", instanceId);
    // The layers that only this machine stood on go once this is on the disk.
    setImmediate(() => {
      collectLayers(cloud).catch((error) => cloud.log(`layers: ${error}`));
      for (const id of networkIds) enforce(cloud, id).catch((error) => cloud.log(`rules: ${error}`));
    });
  };
}
