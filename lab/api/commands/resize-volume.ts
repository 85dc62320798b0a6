import { invalidValue } from "../../cloud/failure.ts";
import { resizePlan } from "../../cloud/instance-changes.ts";
import { asyncCommand } from "../command.ts";
import { flag, long, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported } from "../unsupported.ts";
import { volumeView } from "../views/volume.ts";

export const resizeVolume = asyncCommand({
  name: "resizeVolume",
  description: "Resizes a volume",
  event: { type: "VOLUME.RESIZE", doing: "resizing volume. Volume Id:" },
  commandClass: "admin.volume.ResizeVolumeCmdByAdmin",
  params: {
    id: uuid("volumes", "the volume").required(),
    size: long("GiB"),
    shrinkok: flag("may become smaller"),
    diskofferingid: unsupported("another disk offering"),
    automigrate: withoutEffect(flag("to another storage pool where needed")),
    miniops: unsupported("storage rates"),
    maxiops: unsupported("storage rates"),
  },
  response: { id: "string", size: "long", state: "string" },
  submit({ values }, cloud) {
    const volume = rowOf(cloud, "volumes", values.id);
    if (values.size === undefined)
      throw invalidValue("Either a new size or a new disk offering must be given");
    if (volume.instanceId !== undefined && volume.type === undefined) {
      const { state, name } = cloud.store.need("instances", volume.instanceId);
      if (state !== "Stopped") {
        throw invalidValue(`the lab resizes root disks of stopped instances: ${name} is ${state}`);
      }
    }
    return resizePlan(cloud, volume.id, values.size, values.shrinkok === true, () =>
      volumeView(cloud, cloud.store.need("volumes", volume.id)),
    );
  },
  resume: ({ instanceId = "", options }, cloud) =>
    resizePlan(cloud, instanceId, Number(options?.sizeGiB), options?.shrink === "true", () =>
      volumeView(cloud, cloud.store.need("volumes", instanceId)),
    ),
});
