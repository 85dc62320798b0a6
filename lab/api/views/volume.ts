import { seesAll } from "../../cloud/call-context.ts";
import type { Cloud } from "../../cloud/cloud.ts";
import { fixedId } from "../../cloud/fixed-ids.ts";
import { derivedId } from "../../cloud/ids.ts";
import type { Instance, Volume, Zone } from "../../cloud/model.ts";
import { gibibyte, hypervisor } from "../../cloud/world.ts";
import { busyFields } from "./busy.ts";
import { ownerFields } from "./owner.ts";
import { tagViews } from "./tag.ts";

export function volumeView(cloud: Cloud, volume: Volume): Record<string, unknown> {
  const onDisk = volume.state !== "Allocated" && volume.state !== "Creating";
  const instance =
    volume.instanceId === undefined ? undefined : cloud.store.need("instances", volume.instanceId);
  return {
    id: volume.id,
    name: volume.name,
    zoneid: volumeZone(cloud, volume).id,
    zonename: volumeZone(cloud, volume).name,
    type: volume.type ?? "ROOT",
    ...(instance ? attachedFields(volume, instance) : {}),
    ...(instance && volume.type === undefined ? rootFields(cloud, instance) : dataFields(cloud, volume)),
    provisioningtype: "thin",
    size: volume.sizeGiB * gibibyte,
    created: volume.created,
    state: volume.state,
    ...ownerFields(cloud, volume.accountId ?? instance?.accountId ?? cloud.admin.id),
    ...(onDisk ? { diskkbsread: 0, diskkbswrite: 0, diskioread: 0, diskiowrite: 0 } : {}),
    ...(seesAll() ? placeFields(cloud, volume, onDisk) : {}),
    destroyed: volume.state === "Expunging",
    quiescevm: false,
    supportsstoragesnapshot: false,
    deleteprotection: false,
    tags: tagViews(cloud, volume.id),
    hasannotations: false,
    ...busyFields(cloud, volume.id),
  };
}

/** Where it lies is the operator's affair. */
function placeFields(cloud: Cloud, volume: Volume, onDisk: boolean): Record<string, unknown> {
  return {
    storagetype: "shared",
    hypervisor: onDisk ? hypervisor : "None",
    displayvolume: true,
    ...(onDisk
      ? {
          storage: "lab-primary",
          storageid: fixedId(cloud, "primary-storage"),
          path: derivedId(volume.id, "path"),
          clusterid: fixedId(cloud, "cluster"),
          clustername: "lab-cluster",
          podid: fixedId(cloud, "pod"),
          podname: "lab-pod",
        }
      : {}),
  };
}

export function volumeZone(cloud: Cloud, { instanceId, zoneId }: Volume): Zone {
  const instance = instanceId === undefined ? undefined : cloud.store.get("instances", instanceId);
  return cloud.zoneNamed(instance?.zoneId ?? zoneId);
}

function attachedFields(volume: Volume, instance: Instance): Record<string, unknown> {
  return {
    deviceid: volume.deviceId ?? 0,
    ...(volume.attached === undefined ? {} : { attached: volume.attached }),
    virtualmachineid: instance.id,
    vmname: instance.name,
    vmdisplayname: instance.displayName,
    vmstate: instance.state,
    vmtype: "User",
  };
}

function rootFields(cloud: Cloud, instance: Instance): Record<string, unknown> {
  const template = cloud.store.get("templates", instance.templateId);
  const offering = cloud.store.need("serviceOfferings", instance.serviceOfferingId);
  return {
    templateid: instance.templateId,
    ...(template ? { templatename: template.name, templatedisplaytext: template.displayText } : {}),
    // An internal number, and no id: so the server has it.
    serviceofferingid: String(offering.number),
    serviceofferingname: offering.name,
    serviceofferingdisplaytext: offering.name,
    isextractable: template?.isExtractable ?? false,
  };
}

function dataFields(cloud: Cloud, { diskOfferingId, snapshotId }: Volume): Record<string, unknown> {
  const offering =
    diskOfferingId === undefined ? undefined : cloud.store.get("diskOfferings", diskOfferingId);
  return {
    ...(offering
      ? {
          diskofferingid: offering.id,
          diskofferingname: offering.name,
          diskofferingdisplaytext: offering.name,
        }
      : {}),
    ...(snapshotId === undefined ? {} : { snapshotid: snapshotId }),
    isextractable: true,
  };
}

/** How error texts name a volume. */
export function volumeText(cloud: Cloud, volume: Volume): string {
  const instance =
    volume.instanceId === undefined ? undefined : cloud.store.get("instances", volume.instanceId);
  return `Volume ${JSON.stringify({
    id: volume.number,
    ...(instance && { instanceId: instance.number }),
    name: volume.name,
    uuid: volume.id,
    volumeType: volume.type ?? "ROOT",
  })}`;
}
