/**
 * Capture: a stopped instance's root disk becomes an immutable layer and a template stands on it. Interrupted, it is
 * finished on the next start of the lab or leaves nothing.
 */
import type { Cloud } from "./cloud.ts";
import { diskFullText, runtimeFault } from "./failure.ts";
import { specOf } from "./machines.ts";
import type { Template } from "./model.ts";

/** Freezes the source's disk. Sizes in the template's row say that the layer is whole. */
export async function captureLayer(cloud: Cloud, templateId: string): Promise<void> {
  const template = cloud.store.need("templates", templateId);
  if (template.physicalSize !== undefined) return;
  const sourceId = template.sourceInstanceId;
  if (sourceId === undefined) throw runtimeFault("Failed to create template: it has no source");
  await cloud.machines.hold(sourceId, async () => {
    const source = cloud.store.get("instances", sourceId);
    if (!source) throw runtimeFault("Failed to create template: the instance was expunged");
    if (cloud.rootVolume(source.id)?.state === "Allocated") {
      throw runtimeFault("Failed to create templatecan't find data store");
    }
    // The real server copies under a running guest and gets a torn disk; the lab would rather say so.
    if (source.state !== "Stopped" && source.state !== "Destroyed" && source.state !== "Error") {
      throw runtimeFault(`Failed to create template: the instance ${source.name} is ${source.state} again`);
    }
    const layer = ownLayer(template);
    refuseFullDisk(cloud);
    const frozen = await cloud.driver.freeze(specOf(cloud, source), layer);
    cloud.store.transaction(() => {
      cloud.changeInstance(source.id, { layers: [...source.layers, layer] });
      cloud.store.put("templates", {
        ...template,
        layers: [...source.layers, layer],
        size: frozen.virtualSize,
        physicalSize: frozen.physicalSize,
      });
      cloud.store.note("template frozen");
    });
  });
}

/** A frozen disk that no row tells of would be lost to its machine. */
export function refuseFullDisk({ store }: Cloud): void {
  if (!store.keepReserve()) throw runtimeFault(`Failed to copy the disk: ${diskFullText}`);
}

/** In the transaction that ends the job. */
export function concludeCapture(cloud: Cloud, templateId: string): Template {
  return cloud.moveTemplate(templateId, cloud.faults.onTemplate() ? "lost" : "captured");
}

/** In the transaction that ends a failed job: the template was never there. */
export function abandonCapture(cloud: Cloud, templateId: string): void {
  cloud.store.forget("templates", templateId);
}

/** The layer that a captured template is made of: the last one. */
function ownLayer(template: Template): string {
  const layer = template.layers.at(-1);
  if (layer === undefined) throw new Error(`template ${template.id} has no layer`);
  return layer;
}
