import { deletePlan } from "../../cloud/templates.ts";
import { asyncCommand } from "../command.ts";
import { flag, uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { instanceText } from "../views/instance.ts";
import { templateText } from "../views/template.ts";

const describe = { template: templateText, instance: instanceText };

export const deleteTemplate = asyncCommand({
  name: "deleteTemplate",
  description:
    "Deletes a Template from the system. All Instances using the deleted Template will not be affected.",
  commandClass: "user.template.DeleteTemplateCmd",
  params: {
    id: uuid("templates", "the template").required(),
    zoneid: uuid("zones", "only there"),
    forced: flag("even when instances use it"),
  },
  response: { success: "boolean" },
  submit({ values }, cloud) {
    return deletePlan(cloud, rowOf(cloud, "templates", values.id).id, values.forced === true, describe);
  },
  resume: (job, cloud) => deletePlan(cloud, job.instanceId ?? "", job.options?.forced === "true", describe),
});
