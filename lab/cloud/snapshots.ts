/** Snapshots of root disks: the layers that the disk stands on at that moment. */
import { wordsOf } from "../errors.ts";
import { refuseFullDisk } from "./capture.ts";
import type { Cloud } from "./cloud.ts";
import { invalidValue, runtimeFault } from "./failure.ts";
import type { Plan } from "./jobs.ts";
import { collectLayers } from "./layers.ts";
import { specOf } from "./machines.ts";
import type { Instance, Snapshot, Volume } from "./model.ts";
import { removeTagsOf } from "./networks.ts";
import { apiTime } from "./time.ts";

/** Row of the snapshot and of its layer; inside the command's transaction. */
export function createSnapshotRow(cloud: Cloud, volume: Volume, source: Instance, name: string): Snapshot {
  const { store } = cloud;
  const id = store.newId("snapshots");
  const layer = { id: `snapshot-${id}`, number: store.nextNumber("layers"), created: apiTime() };
  store.put("layers", layer);
  const snapshot: Snapshot = {
    id,
    number: store.nextNumber("snapshots"),
    name,
    accountId: source.accountId,
    zoneId: source.zoneId,
    volumeId: volume.id,
    volumeName: volume.name,
    state: "BackingUp",
    layers: [layer.id],
    templateId: source.templateId,
    osTypeId: source.osTypeId,
    defaultUser: source.defaultUser,
    details: source.details,
    virtualSize: 0,
    physicalSize: 0,
    created: apiTime(),
  };
  store.put("snapshots", snapshot);
  return snapshot;
}

export function snapshotPlan(
  cloud: Cloud,
  snapshotId: string,
  show: (cloud: Cloud, snapshot: Snapshot) => Record<string, unknown>,
): Plan {
  const { store } = cloud;
  return {
    instanceType: "Snapshot",
    instanceId: snapshotId,
    async work() {
      await freeze(cloud, store.need("snapshots", snapshotId));
      return () => {
        const snapshot = { ...store.need("snapshots", snapshotId), state: "BackedUp" as const };
        store.put("snapshots", snapshot);
        return { snapshot: show(cloud, snapshot) };
      };
    },
    failed() {
      removeTagsOf(cloud, snapshotId);
      store.forget("snapshots", snapshotId);
      soonCollectLayers(cloud);
    },
  };
}

async function freeze(cloud: Cloud, snapshot: Snapshot): Promise<void> {
  if (snapshot.physicalSize > 0) return;
  const { store } = cloud;
  const instanceId = store.get("volumes", snapshot.volumeId)?.instanceId;
  if (instanceId === undefined) throw runtimeFault("Failed to create snapshot: its volume is gone");
  await cloud.machines.hold(instanceId, async () => {
    const source = store.need("instances", instanceId);
    if (source.state !== "Stopped") {
      throw runtimeFault(`Failed to create snapshot: ${source.name} is ${source.state} again`);
    }
    const [layer = ""] = snapshot.layers;
    refuseFullDisk(cloud);
    const frozen = await cloud.driver.freeze(specOf(cloud, source), layer);
    store.transaction(() => {
      const layers = [...source.layers, layer];
      cloud.changeInstance(source.id, { layers });
      store.put("snapshots", {
        ...snapshot,
        layers,
        virtualSize: frozen.virtualSize,
        physicalSize: frozen.physicalSize,
      });
    });
  });
}

export function deleteSnapshotPlan(cloud: Cloud, snapshotId: string): Plan {
  return {
    instanceType: "Snapshot",
    instanceId: snapshotId,
    async work() {
      const snapshot = cloud.store.get("snapshots", snapshotId);
      if (!snapshot) {
        const text = cloud.store.get("tombstones", snapshotId)?.text ?? snapshotId;
        throw invalidValue(`Snapshot [${text}] is already destroyed`);
      }
      return () => {
        removeTagsOf(cloud, snapshotId);
        cloud.store.remove("snapshots", snapshotId, destroyedText(cloud, snapshot));
        soonCollectLayers(cloud);
        return { success: true };
      };
    },
  };
}

function destroyedText(cloud: Cloud, { id, number, name, volumeId }: Snapshot): string {
  const volume = cloud.store.get("volumes", volumeId) ?? cloud.store.get("tombstones", volumeId);
  return `Snapshot ${JSON.stringify({ id: number, name, state: "Destroyed", uuid: id, version: "2.2", volumeId: volume?.number })}`;
}

/** Once the transaction is on the disk. */
function soonCollectLayers(cloud: Cloud): void {
  setImmediate(() => {
    collectLayers(cloud).catch((error) => cloud.log(`layers: ${wordsOf(error)}`));
  });
}
