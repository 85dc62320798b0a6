import { invalidValue } from "../../cloud/failure.ts";
import { resizePlan } from "../../cloud/instance-changes.ts";
import type { DiskOffering, Volume } from "../../cloud/model.ts";
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
    diskofferingid: uuid("diskOfferings", "another offering, of a data disk"),
    automigrate: withoutEffect(flag("to another storage pool where needed")),
    miniops: unsupported("storage rates"),
    maxiops: unsupported("storage rates"),
  },
  response: { id: "string", size: "long", state: "string" },
  submit({ values }, cloud) {
    const volume = rowOf(cloud, "volumes", values.id);
    const offering =
      values.diskofferingid === undefined ? undefined : rowOf(cloud, "diskOfferings", values.diskofferingid);
    const sizeGiB = newSize(volume, offering, values.size);
    if (volume.instanceId !== undefined && volume.type === undefined) {
      const { state, name } = cloud.store.need("instances", volume.instanceId);
      if (state !== "Stopped") {
        throw invalidValue(`the lab resizes root disks of stopped instances: ${name} is ${state}`);
      }
    }
    if (volume.instanceId !== undefined && volume.type === "DATADISK" && cloud.driver.name !== "none") {
      throw invalidValue(`the lab resizes data disks that no machine has: ${volume.name}`);
    }
    const wanted = { sizeGiB, shrink: values.shrinkok === true, diskOfferingId: offering?.id };
    return resizePlan(cloud, volume.id, wanted, () =>
      volumeView(cloud, cloud.store.need("volumes", volume.id)),
    );
  },
  resume({ instanceId = "", options }, cloud) {
    const { sizeGiB, shrink, diskOfferingId } = options ?? {};
    return resizePlan(
      cloud,
      instanceId,
      { sizeGiB: Number(sizeGiB), shrink: shrink === "true", diskOfferingId },
      () => volumeView(cloud, cloud.store.need("volumes", instanceId)),
    );
  },
});

/** GiB */
function newSize(volume: Volume, offering: DiskOffering | undefined, size: number | undefined): number {
  if (!offering) {
    if (size !== undefined) return size;
    throw invalidValue("Either a new size or a new disk offering must be given");
  }
  if (volume.type !== "DATADISK") throw invalidValue("the lab changes the offering of data disks only");
  if (!offering.custom) return offering.sizeGiB;
  if (size !== undefined) return size;
  throw invalidValue(`This disk offering requires a custom size specified: ${offering.name}`);
}
