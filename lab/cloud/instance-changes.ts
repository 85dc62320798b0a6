/** Changes of an instance's offering, keys and root disk. Each takes effect at its next start. */
import type { Cloud } from "./cloud.ts";
import type { ShowInstance } from "./deploy.ts";
import { ApiError, invalidValue } from "./failure.ts";
import type { Plan } from "./jobs.ts";
import type { Instance } from "./model.ts";

export function refuseRunning(
  cloud: Cloud,
  instance: Instance,
  describe: (cloud: Cloud, instance: Instance) => string,
): void {
  if (instance.state === "Stopped") return;
  throw invalidValue(
    `Unable to upgrade virtual machine ${describe(cloud, instance)}  in state ${instance.state}; make sure the virtual machine is stopped`,
  );
}

/** The lab's guests cannot be scaled while they run, as where dynamic scaling is off. */
export function scalePlan(
  cloud: Cloud,
  instanceId: string,
  serviceOfferingId: string,
  show: ShowInstance,
  describe: (cloud: Cloud, instance: Instance) => string,
): Plan {
  return {
    instanceType: "VirtualMachine",
    instanceId,
    queue: instanceId,
    options: { serviceOfferingId },
    async work() {
      refuseRunning(cloud, cloud.store.need("instances", instanceId), describe);
      return () => ({
        virtualmachine: show(cloud, cloud.changeInstance(instanceId, { serviceOfferingId })),
      });
    },
  };
}

export interface Resize {
  readonly sizeGiB: number;
  /** Whether it may become smaller. */
  readonly shrink: boolean;
  /** The offering that it has from then on, where that is another one. */
  readonly diskOfferingId: string | undefined;
}

export function resizePlan(
  cloud: Cloud,
  volumeId: string,
  { sizeGiB, shrink, diskOfferingId }: Resize,
  show: (cloud: Cloud) => Record<string, unknown>,
): Plan {
  const { store } = cloud;
  const offering = diskOfferingId === undefined ? {} : { diskOfferingId };
  return {
    instanceType: "Volume",
    instanceId: volumeId,
    options: { sizeGiB: String(sizeGiB), shrink: String(shrink), ...offering },
    async work() {
      const volume = store.need("volumes", volumeId);
      if (sizeGiB < volume.sizeGiB && !shrink) {
        throw new ApiError(
          432,
          `Going from existing size of ${volume.sizeGiB * 1024 ** 3} to size of ${sizeGiB * 1024 ** 3} would shrink the volume.Need to sign off by supplying the shrinkok parameter with value of true.`,
          9999,
        );
      }
      if (sizeGiB < volume.sizeGiB && volume.type === undefined) {
        throw invalidValue("the lab does not shrink root disks");
      }
      return () => {
        store.put("volumes", { ...volume, sizeGiB, ...offering });
        if (volume.type === undefined && volume.instanceId !== undefined) {
          cloud.changeInstance(volume.instanceId, { rootDiskGiB: sizeGiB });
        }
        return { volume: show(cloud) };
      };
    },
  };
}
