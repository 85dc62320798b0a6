import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue } from "../../cloud/failure.ts";
import type { Plan } from "../../cloud/jobs.ts";
import { refuseBeyondLimit } from "../../cloud/limits.ts";
import type { Snapshot } from "../../cloud/model.ts";
import { apiTime } from "../../cloud/time.ts";
import { gibibyte } from "../../cloud/world.ts";
import { asyncCommand } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { flag, long, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported } from "../unsupported.ts";
import { volumeView } from "../views/volume.ts";

export const createVolume = asyncCommand({
  name: "createVolume",
  description:
    "Creates a disk volume from a disk offering. This disk volume must still be attached to an Instance to make use of it.",
  event: { type: "VOLUME.CREATE", doing: "creating volume. Volume Id:" },
  commandClass: "admin.volume.CreateVolumeCmdByAdmin",
  creates: true,
  params: {
    name: text("its name; several may have one"),
    zoneid: uuid("zones", "the zone"),
    diskofferingid: uuid("diskOfferings", "its offering"),
    size: long("GiB, for an offering that leaves it open"),
    displayvolume: withoutEffect(flag("shown to the user")),
    snapshotid: uuid("snapshots", "what it begins with, in place of an offering"),
    virtualmachineid: unsupported("the instance that gets it at once"),
    miniops: unsupported("storage rates"),
    maxiops: unsupported("storage rates"),
    customid: unsupported("a chosen id"),
    ...ownerParams,
  },
  response: { id: "string", name: "string", size: "long", state: "string" },
  submit({ values, account }, cloud) {
    refuseBeyondLimit(cloud, account, "volume");
    const { store } = cloud;
    if (values.snapshotid !== undefined) {
      const snapshot = rowOf(cloud, "snapshots", values.snapshotid);
      if (snapshot.state !== "BackedUp") {
        throw invalidValue(
          `Snapshot id=${snapshot.id} is not in BackedUp state yet and can't be used for volume creation`,
        );
      }
      return madeOf(cloud, snapshot, values.name, account.id);
    }
    if (values.diskofferingid === undefined) {
      throw invalidValue("At least one of disk Offering ID or snapshot ID must be passed");
    }
    const offering = rowOf(cloud, "diskOfferings", values.diskofferingid);
    if (offering.custom && values.size === undefined) {
      throw invalidValue(`This disk offering requires a custom size specified: ${offering.name}`);
    }
    if (!offering.custom && values.size !== undefined) {
      throw invalidValue(`This disk offering does not allow custom size: ${offering.name}`);
    }
    const id = store.newId("volumes");
    const number = store.nextNumber("volumes");
    store.put("volumes", {
      id,
      number,
      name: values.name || `DATA-${number}`,
      type: "DATADISK",
      diskOfferingId: offering.id,
      zoneId: values.zoneid ?? cloud.zone.id,
      accountId: account.id,
      state: "Allocated",
      sizeGiB: values.size ?? offering.sizeGiB,
      created: apiTime(),
    });
    return shown(cloud, id);
  },
  resume: (job, cloud) => shown(cloud, job.instanceId ?? ""),
});

/** As large as what it is made of. */
function madeOf(cloud: Cloud, snapshot: Snapshot, name: string | undefined, accountId: string): Plan {
  const { store } = cloud;
  const id = store.newId("volumes");
  const number = store.nextNumber("volumes");
  store.put("volumes", {
    id,
    number,
    name: name || `DATA-${number}`,
    type: "DATADISK",
    snapshotId: snapshot.id,
    zoneId: snapshot.zoneId ?? cloud.zone.id,
    accountId,
    state: "Creating",
    sizeGiB: Math.round(snapshot.virtualSize / gibibyte),
    created: apiTime(),
  });
  return shown(cloud, id);
}

/** Nothing is made of it before it is attached, as on the server. */
function shown(cloud: Cloud, id: string): Plan {
  return {
    instanceType: "Volume",
    instanceId: id,
    work: async () => {
      const { snapshotId } = cloud.store.need("volumes", id);
      if (snapshotId !== undefined) {
        const { layers, virtualSize } = cloud.store.need("snapshots", snapshotId);
        await cloud.driver.makeDataDisk?.(id, layers, virtualSize);
      }
      return () => {
        const made = cloud.store.need("volumes", id);
        if (made.state === "Creating") cloud.moveVolume(id, "created");
        return { volume: volumeView(cloud, cloud.store.need("volumes", id)) };
      };
    },
    failed: () => cloud.store.forget("volumes", id),
  };
}
