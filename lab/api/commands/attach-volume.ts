import { showDataDisks } from "../../cloud/data-disks.ts";
import { invalidValue } from "../../cloud/failure.ts";
import type { Plan } from "../../cloud/jobs.ts";
import { hypervisorOf } from "../../cloud/machines.ts";
import { apiTime } from "../../cloud/time.ts";
import { gibibyte } from "../../cloud/world.ts";
import { asyncCommand } from "../command.ts";
import { long, uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { volumeView } from "../views/volume.ts";

export const attachVolume = asyncCommand({
  name: "attachVolume",
  description: "Attaches a disk volume to an Instance.",
  event: { type: "VOLUME.ATTACH", doing: "attaching volume. Volume Id:" },
  commandClass: "admin.volume.AttachVolumeCmdByAdmin",
  params: {
    id: uuid("volumes", "the data disk").required(),
    virtualmachineid: uuid("instances", "the instance").required(),
    deviceid: long("its place; by default the first free one"),
  },
  response: { id: "string", virtualmachineid: "string", deviceid: "long" },
  submit({ values }, cloud): Plan {
    const { store } = cloud;
    const volume = rowOf(cloud, "volumes", values.id);
    const instance = rowOf(cloud, "instances", values.virtualmachineid);
    if (volume.type !== "DATADISK") throw invalidValue("Please specify a valid data volume");
    if (volume.instanceId !== undefined) {
      throw invalidValue(`Please specify a volume that is not attached to any VM: ${volume.name}`);
    }
    if (instance.state !== "Running" && instance.state !== "Stopped") {
      throw invalidValue("Please specify a VM that is either running or stopped.");
    }
    // Its guest could not partition the disk and see that: better to say so than to claim that it is one.
    if (volume.snapshotId === undefined && hypervisorOf(cloud, instance) === "nspawn") {
      throw invalidValue(`the machines of this lab have data disks made of snapshots alone: ${volume.name}`);
    }
    const taken = new Set(cloud.dataVolumes(instance.id).map(({ deviceId }) => deviceId));
    const free = Array.from({ length: 60 }, (_, index) => index + 1).find(
      (place) => place !== 3 && !taken.has(place),
    );
    const deviceId = values.deviceid ?? free ?? 1;
    if (taken.has(deviceId)) throw invalidValue(`deviceId ${deviceId} is used by vm ${instance.id}`);
    return {
      instanceType: "Volume",
      instanceId: volume.id,
      queue: instance.id,
      work: async () => {
        await cloud.driver.makeDataDisk?.(volume.id, [], volume.sizeGiB * gibibyte);
        const disks = [...cloud.dataVolumes(instance.id), { ...volume, deviceId }];
        await showDataDisks(cloud, instance.id, disks);
        return () => {
          const attached = apiTime();
          store.put("volumes", { ...volume, instanceId: instance.id, deviceId, attached, state: "Ready" });
          return { volume: volumeView(cloud, store.need("volumes", volume.id)) };
        };
      },
    };
  },
});
