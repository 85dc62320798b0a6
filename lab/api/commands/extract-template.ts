import { isRoot } from "../../cloud/accounts.ts";
import type { Cloud } from "../../cloud/cloud.ts";
import { extractPlan } from "../../cloud/extracts.ts";
import { invalidValue } from "../../cloud/failure.ts";
import { asyncCommand } from "../command.ts";
import { text, uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const extractTemplate = asyncCommand({
  name: "extractTemplate",
  description: "Extracts a Template",
  event: { type: "TEMPLATE.EXTRACT", doing: "extracting template. Template Id:" },
  commandClass: "user.template.ExtractTemplateCmd",
  params: {
    id: uuid("templates", "the template").required(),
    mode: text("HTTP_DOWNLOAD").required(),
    zoneid: uuid("zones", "zone"),
    url: text("not used", { length: 2048 }),
  },
  response: { id: "string", name: "string", state: "string", url: "string" },
  submit({ values, caller }, cloud) {
    const template = rowOf(cloud, "templates", values.id);
    if (!template.isExtractable && !isRoot(caller.account)) {
      throw invalidValue(`Unable to extract Template id=${template.id} as it's not extractable`);
    }
    if (values.mode.toUpperCase() !== "HTTP_DOWNLOAD") {
      throw invalidValue(`Please specify a valid extract mode. Supported modes: HTTP_DOWNLOAD`);
    }
    if (values.zoneid !== undefined) rowOf(cloud, "zones", values.zoneid);
    return extractPlan(cloud, template.id, values.zoneid, show(cloud, template.id, values.zoneid));
  },
  resume: ({ instanceId = "", options }, cloud) =>
    extractPlan(cloud, instanceId, options?.zoneId, show(cloud, instanceId, options?.zoneId)),
});

function show(cloud: Cloud, templateId: string, zoneId: string | undefined) {
  return (path: string) => {
    const template = cloud.store.need("templates", templateId);
    const zone = cloud.zoneNamed(zoneId ?? template.zoneId);
    return {
      template: {
        id: template.id,
        name: template.name,
        accountid: template.accountId,
        state: "DOWNLOAD_URL_CREATED",
        zoneid: zone.id,
        zonename: zone.name,
        extractMode: "HTTP_DOWNLOAD",
        url: cloud.endpoint + path,
      },
    };
  };
}
