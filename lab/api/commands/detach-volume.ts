import { showDataDisks } from "../../cloud/data-disks.ts";
import { detachedVolume } from "../../cloud/destroy.ts";
import { invalidValue } from "../../cloud/failure.ts";
import type { Plan } from "../../cloud/jobs.ts";
import { asyncCommand } from "../command.ts";
import { long, uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { volumeView } from "../views/volume.ts";

export const detachVolume = asyncCommand({
  name: "detachVolume",
  description: "Detaches a disk volume from an Instance.",
  event: { type: "VOLUME.DETACH", doing: "detaching volume. Volume Id:" },
  commandClass: "admin.volume.DetachVolumeCmdByAdmin",
  params: {
    id: uuid("volumes", "the data disk"),
    virtualmachineid: uuid("instances", "with deviceid, in place of the id"),
    deviceid: long("its place"),
  },
  response: { id: "string", state: "string" },
  submit({ values }, cloud): Plan {
    const { store } = cloud;
    const byPlace = cloud
      .dataVolumes(values.virtualmachineid ?? "")
      .find(({ deviceId }) => deviceId === values.deviceid);
    const volume = values.id === undefined ? byPlace : rowOf(cloud, "volumes", values.id);
    if (!volume) throw invalidValue("Please specify an existing volume");
    if (volume.type !== "DATADISK") throw invalidValue("Please specify a data volume.");
    if (volume.instanceId === undefined) {
      throw invalidValue("The specified volume is not attached to a virtual machine.");
    }
    return {
      instanceType: "Volume",
      instanceId: volume.id,
      queue: volume.instanceId,
      work: async () => {
        const others = cloud.dataVolumes(volume.instanceId ?? "").filter(({ id }) => id !== volume.id);
        await showDataDisks(cloud, volume.instanceId ?? "", others);
        return () => {
          const detached = detachedVolume(store.need("volumes", volume.id));
          store.put("volumes", detached);
          return { volume: volumeView(cloud, detached) };
        };
      },
    };
  },
});
