import type { Cloud } from "../../cloud/cloud.ts";
import { fixedId } from "../../cloud/fixed-ids.ts";
import type { Volume } from "../../cloud/model.ts";
import { gibibyte, hypervisor } from "../../cloud/world.ts";
import { ownerFields } from "./owner.ts";
import { tagViews } from "./tag.ts";

export function volumeView(cloud: Cloud, volume: Volume): Record<string, unknown> {
  const instance = cloud.store.need("instances", volume.instanceId);
  const template = cloud.store.get("templates", instance.templateId);
  const offering = cloud.store.need("serviceOfferings", instance.serviceOfferingId);
  const onDisk = volume.state !== "Allocated" && volume.state !== "Creating";
  return {
    id: volume.id,
    name: volume.name,
    zoneid: cloud.zone.id,
    zonename: cloud.zone.name,
    type: "ROOT",
    deviceid: 0,
    virtualmachineid: instance.id,
    templateid: instance.templateId,
    ...(template ? { templatename: template.name, templatedisplaytext: template.displayText } : {}),
    vmname: instance.name,
    vmdisplayname: instance.displayName,
    vmstate: instance.state,
    vmtype: "User",
    provisioningtype: "thin",
    size: volume.sizeGiB * gibibyte,
    created: volume.created,
    state: volume.state,
    ...ownerFields(cloud, instance.accountId),
    storagetype: "shared",
    hypervisor: onDisk ? hypervisor : "None",
    ...(onDisk
      ? { storage: "lab-primary", storageid: fixedId(cloud, "primary-storage"), path: volume.id }
      : {}),
    destroyed: volume.state === "Expunging",
    serviceofferingid: offering.id,
    serviceofferingname: offering.name,
    serviceofferingdisplaytext: offering.name,
    isextractable: template?.isExtractable ?? false,
    displayvolume: true,
    quiescevm: false,
    supportsstoragesnapshot: false,
    deleteprotection: false,
    tags: tagViews(cloud, volume.id),
    hasannotations: false,
  };
}

/** How error texts name a volume. */
export function volumeText(cloud: Cloud, volume: Volume): string {
  const instance = cloud.store.need("instances", volume.instanceId);
  return `Volume ${JSON.stringify({
    id: volume.number,
    instanceId: instance.number,
    name: volume.name,
    uuid: volume.id,
    volumeType: "ROOT",
  })}`;
}
