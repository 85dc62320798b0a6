import type { Cloud } from "../../cloud/cloud.ts";
import type { InstanceSnapshot, Snapshot } from "../../cloud/model.ts";
import { hypervisor } from "../../cloud/world.ts";
import { ownerFields } from "./owner.ts";
import { tagViews } from "./tag.ts";

export function snapshotView(cloud: Cloud, snapshot: Snapshot): Record<string, unknown> {
  return {
    id: snapshot.id,
    ...ownerFields(cloud, snapshot.accountId),
    snapshottype: "MANUAL",
    volumeid: snapshot.volumeId,
    volumename: snapshot.volumeName,
    volumetype: "ROOT",
    created: snapshot.created,
    name: snapshot.name,
    intervaltype: "MANUAL",
    state: snapshot.state,
    status: snapshot.state === "BackedUp" ? "Ready" : "Creating",
    physicalsize: snapshot.physicalSize,
    zoneid: cloud.zoneNamed(snapshot.zoneId).id,
    zonename: cloud.zoneNamed(snapshot.zoneId).name,
    revertable: false,
    ostypeid: snapshot.osTypeId,
    osdisplayname: cloud.store.need("osTypes", snapshot.osTypeId).description,
    virtualsize: snapshot.virtualSize,
    datastoretype: "Image",
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
    description: snapshot.description,
    displayname: snapshot.name,
    zoneid: instance.zoneId,
    zonename: cloud.zoneNamed(instance.zoneId).name,
    virtualmachineid: instance.id,
    virtualmachinename: instance.name,
    current: true,
    type: snapshot.withMemory ? "DiskAndMemory" : "Disk",
    created: snapshot.created,
    ...ownerFields(cloud, snapshot.accountId),
    hypervisor,
    tags: tagViews(cloud, snapshot.id),
    hasannotations: false,
  };
}
