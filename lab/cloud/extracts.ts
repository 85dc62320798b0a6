/** Disk images of templates, to be fetched from the endpoint under a name that nobody can guess. */
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Cloud } from "./cloud.ts";
import { invalidValue } from "./failure.ts";
import type { Plan } from "./jobs.ts";
import { zonesOf } from "./templates.ts";

/** As extract.url.expiration.interval. */
const keptSeconds = 14_400;

export const extractsPath = "/userdata/";

/** Where the file is that a path of the endpoint names; undefined for any other path. */
export function extractNamed(cloud: Cloud, path: string): string | undefined {
  const name = path.startsWith(extractsPath) ? path.slice(extractsPath.length) : "";
  return /^[0-9a-f-]{36}\.qcow2$/.test(name) ? join(folderOf(cloud), name) : undefined;
}

/** @param show the job's result, from the path of the URL */
export function extractPlan(
  cloud: Cloud,
  templateId: string,
  zoneId: string | undefined,
  show: (path: string) => Readonly<Record<string, unknown>>,
): Plan {
  return {
    instanceType: "Template",
    instanceId: templateId,
    queue: templateId,
    options: { ...(zoneId !== undefined && { zoneId }) },
    async work() {
      const template = cloud.store.need("templates", templateId);
      const zone = zoneId ?? template.zoneId;
      if (template.state !== "Ready" || !zonesOf(cloud, template).includes(zone)) {
        throw invalidValue(`The Template ${template.name} is not ready in the zone, it cannot be extracted`);
      }
      await cloud.prepareLayers(template.layers);
      const name = `${randomUUID()}.qcow2`;
      mkdirSync(folderOf(cloud), { recursive: true, mode: 0o700 });
      await cloud.machines.hold("layers", () =>
        cloud.driver.pack(template.layers, template.size, join(folderOf(cloud), name)),
      );
      return () => show(extractsPath + name);
    },
  };
}

/** Removes the files whose URLs have expired. */
export async function expireExtracts(cloud: Cloud, now = Date.now()): Promise<void> {
  const names = await readdir(folderOf(cloud)).catch(() => []);
  for (const name of names) {
    const path = join(folderOf(cloud), name);
    const { mtimeMs } = await stat(path);
    if (mtimeMs < now - keptSeconds * 1000) await rm(path, { force: true });
  }
}

function folderOf({ secondaryStorage }: Cloud): string {
  return join(secondaryStorage, "extracts");
}
