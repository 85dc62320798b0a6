import type { Cloud } from "../../cloud/cloud.ts";
import type { InstanceSnapshot, Snapshot } from "../../cloud/model.ts";
import { hypervisor } from "../../cloud/world.ts";
import { ownerFields } from "./owner.ts";
import { tagViews } from "./tag.ts";

/** A job's result tells more than a list. */
export function createdSnapshotView(cloud: Cloud, snapshot: Snapshot): Record<string, unknown> {
  const osdisplayname = cloud.store.need("osTypes", snapshot.osTypeId).description;
  return { ...snapshotView(cloud, snapshot), snapshottype: "MANUAL", osdisplayname };
}

export function snapshotView(cloud: Cloud, snapshot: Snapshot): Record<string, unknown> {
  const volume = cloud.store.get("volumes", snapshot.volumeId);
  return {
    id: snapshot.id,
    ...ownerFields(cloud, snapshot.accountId),
    volumeid: snapshot.volumeId,
    volumename: snapshot.volumeName,
    volumetype: "ROOT",
    volumestate: volume?.state ?? "Expunged",
    created: snapshot.created,
    name: snapshot.name,
    intervaltype: "MANUAL",
    state: snapshot.state,
    physicalsize: snapshot.physicalSize,
    zoneid: cloud.zoneNamed(snapshot.zoneId).id,
    zonename: cloud.zoneNamed(snapshot.zoneId).name,
    revertable: false,
    ostypeid: snapshot.osTypeId,
    virtualsize: snapshot.virtualSize,
    tags: tagViews(cloud, snapshot.id),
    hasannotations: false,
  };
}

export function instanceSnapshotView(cloud: Cloud, snapshot: InstanceSnapshot): Record<string, unknown> {
  const instance = cloud.store.need("instances", snapshot.instanceId);
  return {
    id: snapshot.id,
    name: snapshot.name,
    state: "Ready",
    ...(snapshot.description === "" ? {} : { description: snapshot.description }),
    displayname: snapshot.displayName ?? snapshot.name,
    zoneid: instance.zoneId,
    zonename: cloud.zoneNamed(instance.zoneId).name,
    virtualmachineid: instance.id,
    virtualmachinename: instance.displayName,
    current: true,
    type: snapshot.withMemory ? "DiskAndMemory" : "Disk",
    created: snapshot.created,
    ...ownerFields(cloud, snapshot.accountId),
    hypervisor,
    tags: tagViews(cloud, snapshot.id),
    hasannotations: false,
  };
}
