/** Templates made of root disks, and their end. */
import { wordsOf } from "../errors.ts";
import { abandonCapture, captureLayer, concludeCapture } from "./capture.ts";
import type { Cloud } from "./cloud.ts";
import { ApiError, diskFullText, invalidValue, isDiskFull, runtimeFault } from "./failure.ts";
import type { Plan } from "./jobs.ts";
import { collectLayers } from "./layers.ts";
import type { Instance, Snapshot, Template, TemplateDownload } from "./model.ts";
import { apiTime } from "./time.ts";

export type ShowTemplate = (cloud: Cloud, template: Template) => Record<string, unknown>;

export interface NewTemplate {
  accountId: string;
  name: string;
  displayText: string;
  osTypeId: string;
  details: Readonly<Record<string, string>>;
  isPublic: boolean;
  isFeatured: boolean;
  passwordEnabled: boolean;
  sshKeyEnabled: boolean;
  requiresHvm: boolean;
  dynamicallyScalable: boolean;
}

/** Row of the template and of its layer; inside the command's transaction. */
export function createTemplateRow(cloud: Cloud, wanted: NewTemplate, source: Instance): Template {
  const { store } = cloud;
  const id = store.newId("templates");
  const layer = { id: `template-${id}`, number: store.nextNumber("layers"), created: apiTime() };
  store.put("layers", layer);
  return putTemplate(cloud, id, wanted, source, {
    layers: [layer.id],
    size: 0,
    sourceInstanceId: source.id,
  });
}

/** Of a snapshot all is there already. */
export function createTemplateOfSnapshot(cloud: Cloud, wanted: NewTemplate, source: Snapshot): Template {
  const { layers, virtualSize, physicalSize } = source;
  return putTemplate(cloud, cloud.store.newId("templates"), wanted, source, {
    layers,
    size: virtualSize,
    physicalSize,
    sourceSnapshotId: source.id,
  });
}

/** From a URL: its layer comes later. */
export function registerTemplateRow(
  cloud: Cloud,
  wanted: NewTemplate,
  [zoneId, ...copiedTo]: readonly string[],
  { extractable, ...download }: Omit<TemplateDownload, "done"> & { extractable: boolean },
): Template {
  const { store } = cloud;
  const id = store.newId("templates");
  const layer = { id: `template-${id}`, number: store.nextNumber("layers"), created: apiTime() };
  store.put("layers", layer);
  const template: Template = {
    id,
    number: store.nextNumber("templates"),
    ...wanted,
    state: download.direct ? "Ready" : "Downloading",
    builtin: false,
    zoneId: cloud.zoneNamed(zoneId).id,
    copiedTo,
    layers: [layer.id],
    size: 0,
    isExtractable: extractable,
    download: { ...download, done: false },
    permittedAccounts: [],
    defaultUser: "root",
    created: apiTime(),
  };
  store.put("templates", template);
  return template;
}

function putTemplate(
  cloud: Cloud,
  id: string,
  wanted: NewTemplate,
  source: Pick<Instance, "templateId" | "details" | "defaultUser"> & { zoneId?: string },
  parts: Pick<Template, "layers" | "size"> & Partial<Template>,
): Template {
  const { store } = cloud;
  const original = store.get("templates", source.templateId);
  const template: Template = {
    id,
    number: store.nextNumber("templates"),
    ...wanted,
    state: "Creating",
    builtin: false,
    zoneId: cloud.zoneNamed(source.zoneId).id,
    ...parts,
    isExtractable: original?.isExtractable ?? false,
    // All of the source's details go along, its SSH key too: so it is on the real server.
    details: {
      ...original?.details,
      ...source.details,
      ...wanted.details,
    },
    sourceTemplateId: source.templateId,
    permittedAccounts: [],
    defaultUser: source.defaultUser,
    created: apiTime(),
  };
  store.put("templates", template);
  return template;
}

/** The zones that have it, the one that it was made in first. */
export function zonesOf(cloud: Cloud, { builtin, zoneId, copiedTo = [] }: Template): string[] {
  if (builtin) return [...cloud.store.all("zones")].map(({ id }) => id);
  return [zoneId, ...copiedTo];
}

export function copyPlan(
  cloud: Cloud,
  templateId: string,
  sourceZoneId: string | undefined,
  zoneIds: readonly string[],
  show: ShowTemplate,
): Plan {
  const { store } = cloud;
  return {
    instanceType: "Template",
    instanceId: templateId,
    queue: templateId,
    options: { zoneIds: zoneIds.join(","), ...(sourceZoneId !== undefined && { sourceZoneId }) },
    async work() {
      const template = store.need("templates", templateId);
      const source = sourceZoneId ?? template.zoneId;
      if (zoneIds.includes(source)) {
        throw invalidValue("Please specify different source and destination zones.");
      }
      if (template.state !== "Ready" || !zonesOf(cloud, template).includes(source)) {
        throw invalidValue(`There is no template ${template.name} ready on image store.`);
      }
      return () => {
        const there = new Set(zonesOf(cloud, template));
        const copiedTo = [...(template.copiedTo ?? []), ...zoneIds.filter((id) => !there.has(id))];
        store.put("templates", { ...template, copiedTo });
        return { template: show(cloud, store.need("templates", templateId)) };
      };
    },
  };
}

export function capturePlan(cloud: Cloud, templateId: string, show: ShowTemplate): Plan {
  return {
    instanceType: "Template",
    instanceId: templateId,
    async work() {
      try {
        await captureLayer(cloud, templateId);
      } catch (error) {
        if (error instanceof ApiError) throw error;
        // The server puts no colon between its words and the reason.
        const reason = isDiskFull(error) ? `: ${diskFullText}` : wordsOf(error);
        throw runtimeFault(`Failed to create template${reason}`);
      }
      return () => ({ template: show(cloud, concludeCapture(cloud, templateId)) });
    },
    failed() {
      abandonCapture(cloud, templateId);
      soonCollectLayers(cloud);
    },
  };
}

export function deletePlan(
  cloud: Cloud,
  templateId: string,
  forced: boolean,
  zoneId: string | undefined,
  describe: {
    template: (cloud: Cloud, template: Template) => string;
    instance: (cloud: Cloud, instance: Instance) => string;
  },
): Plan {
  return {
    instanceType: "Template",
    instanceId: templateId,
    queue: templateId,
    options: { forced: String(forced), ...(zoneId !== undefined && { zoneId }) },
    async work() {
      const { store } = cloud;
      const template = store.get("templates", templateId);
      if (!template) throw invalidValue(`Unable to find template with id ${templateId}`);
      if (template.state === "Downloading") {
        throw invalidValue("Please specify a template that is not currently being downloaded.");
      }
      if (template.state !== "Ready" && template.state !== "Failed") {
        throw runtimeFault("Failed to update state");
      }
      const users = store.filter(
        "instances",
        (instance) =>
          instance.templateId === templateId && (zoneId === undefined || instance.zoneId === zoneId),
      );
      if (users.length > 0 && !forced) {
        throw invalidValue(
          `Unable to delete template: ${describe.template(cloud, template)} because VM instances: [${users.map((user) => describe.instance(cloud, user)).join(", ")}] are using it.`,
        );
      }
      const rest = zonesOf(cloud, template).filter((id) => zoneId !== undefined && id !== zoneId);
      return () => {
        const [first, ...copiedTo] = rest;
        if (first !== undefined) {
          store.put("templates", { ...template, zoneId: first, copiedTo });
          return { success: true };
        }
        cloud.moveTemplate(templateId, "delete");
        for (const tag of store.filter("tags", ({ resourceId }) => resourceId === templateId)) {
          store.remove("tags", tag.id);
        }
        store.remove("templates", templateId);
        soonCollectLayers(cloud);
        return { success: true };
      };
    },
  };
}

/** Once the transaction is on the disk: a layer must not go before the row that names it. */
function soonCollectLayers(cloud: Cloud): void {
  setImmediate(() => {
    collectLayers(cloud).catch((error) => cloud.log(`layers: ${wordsOf(error)}`));
  });
}
