import { deletePlan } from "../../cloud/templates.ts";
import { asyncCommand } from "../command.ts";
import { flag, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { instanceText } from "../views/instance.ts";
import { templateText } from "../views/template.ts";

const describe = { template: templateText, instance: instanceText };

export const deleteTemplate = asyncCommand({
  name: "deleteTemplate",
  description:
    "Deletes a Template from the system. All Instances using the deleted Template will not be affected.",
  event: { type: "TEMPLATE.DELETE", doing: "Deleting template. Template Id:" },
  commandClass: "user.template.DeleteTemplateCmd",
  params: {
    id: uuid("templates", "the template").required(),
    zoneid: uuid("zones", "only there"),
    forced: flag("even when instances use it"),
    issystem: withoutEffect(flag("a system template")),
  },
  response: { success: "boolean" },
  submit({ values }, cloud) {
    const { id } = rowOf(cloud, "templates", values.id);
    return deletePlan(cloud, id, values.forced === true, values.zoneid, describe);
  },
  resume: ({ instanceId = "", options }, cloud) =>
    deletePlan(cloud, instanceId, options?.forced === "true", options?.zoneId, describe),
});
