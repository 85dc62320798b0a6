/** Disk layers live as long as a template or a machine stands on them. */
import type { Cloud } from "./cloud.ts";

/** Removes the layers that nothing stands on any more. */
export async function collectLayers(cloud: Cloud): Promise<void> {
  await cloud.machines.hold("layers", async () => {
    const used = new Set<string>();
    for (const { layers } of cloud.store.all("instances")) for (const layer of layers) used.add(layer);
    for (const { layers } of cloud.store.all("templates")) for (const layer of layers) used.add(layer);
    for (const { layers } of cloud.store.all("snapshots")) for (const layer of layers) used.add(layer);
    for (const layer of cloud.store.filter("layers", ({ id }) => !used.has(id))) {
      await cloud.driver.removeLayer(layer.id);
      cloud.store.transaction(() => cloud.store.forget("layers", layer.id));
    }
  });
}
