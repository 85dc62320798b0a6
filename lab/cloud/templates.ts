/** Templates made of root disks, and their end. */
import { randomUUID } from "node:crypto";
import { wordsOf } from "../errors.ts";
import { abandonCapture, captureLayer, concludeCapture } from "./capture.ts";
import type { Cloud } from "./cloud.ts";
import { ApiError, invalidValue, runtimeFault } from "./failure.ts";
import type { Plan } from "./jobs.ts";
import { collectLayers } from "./layers.ts";
import type { Instance, Snapshot, Template } from "./model.ts";
import { apiTime } from "./time.ts";

export type ShowTemplate = (cloud: Cloud, template: Template) => Record<string, unknown>;

export interface NewTemplate {
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
  const id = randomUUID();
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
  return putTemplate(cloud, randomUUID(), wanted, source, {
    layers,
    size: virtualSize,
    physicalSize,
    sourceSnapshotId: source.id,
  });
}

function putTemplate(
  cloud: Cloud,
  id: string,
  wanted: NewTemplate,
  source: Pick<Instance, "templateId" | "details" | "defaultUser">,
  parts: Pick<Template, "layers" | "size"> & Partial<Template>,
): Template {
  const { store } = cloud;
  const original = store.get("templates", source.templateId);
  const template: Template = {
    id,
    number: store.nextNumber("templates"),
    ...wanted,
    accountId: cloud.admin.id,
    state: "Creating",
    builtin: false,
    zoneId: cloud.zone.id,
    ...parts,
    isExtractable: original?.isExtractable ?? false,
    // All of the source's details go along, its SSH key too: so it is on the real server.
    details: {
      ...original?.details,
      ...source.details,
      "Message.ReservedCapacityFreed.Flag": "false",
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

export function capturePlan(cloud: Cloud, templateId: string, show: ShowTemplate): Plan {
  return {
    instanceType: "Template",
    instanceId: templateId,
    async work() {
      try {
        await captureLayer(cloud, templateId);
      } catch (error) {
        if (error instanceof ApiError) throw error;
        throw runtimeFault(`Failed to create template: ${wordsOf(error)}`);
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
  describe: { template: (template: Template) => string; instance: (instance: Instance) => string },
): Plan {
  return {
    instanceType: "Template",
    instanceId: templateId,
    queue: templateId,
    options: { forced: String(forced) },
    async work() {
      const { store } = cloud;
      const template = store.get("templates", templateId);
      if (!template) throw invalidValue(`Unable to find template with id ${templateId}`);
      if (template.state !== "Ready") throw runtimeFault("Failed to update state");
      const users = store.filter("instances", (instance) => instance.templateId === templateId);
      if (users.length > 0 && !forced) {
        throw invalidValue(
          `Unable to delete template: ${describe.template(template)} because VM instances: [${users.map(describe.instance).join(", ")}] are using it.`,
        );
      }
      return () => {
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
