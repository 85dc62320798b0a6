import { invalidValue } from "../../cloud/failure.ts";
import { copyPlan } from "../../cloud/templates.ts";
import { asyncCommand } from "../command.ts";
import { uuid, uuids } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { templateView } from "../views/template.ts";

export const copyTemplate = asyncCommand({
  name: "copyTemplate",
  description: "Copies a Template from one zone to another.",
  event: { type: "TEMPLATE.COPY", doing: "copying Template. Template Id:" },
  commandClass: "admin.template.CopyTemplateCmdByAdmin",
  params: {
    id: uuid("templates", "the template").required(),
    sourcezoneid: uuid("zones", "from there"),
    destzoneid: uuid("zones", "to there"),
    destzoneids: uuids("zones", "to all of these, in place of destzoneid"),
  },
  response: { id: "string", name: "string", isready: "boolean" },
  submit({ values }, cloud) {
    const { destzoneid, destzoneids, sourcezoneid } = values;
    if ((destzoneid === undefined) === (destzoneids === undefined)) {
      throw invalidValue("Either destzoneid or destzoneids parameters have to be specified.");
    }
    const zoneIds = destzoneids ?? [destzoneid ?? ""];
    for (const zone of zoneIds) rowOf(cloud, "zones", zone);
    return copyPlan(cloud, rowOf(cloud, "templates", values.id).id, sourcezoneid, zoneIds, templateView);
  },
  resume: ({ instanceId = "", options }, cloud) =>
    copyPlan(cloud, instanceId, options?.sourceZoneId, (options?.zoneIds ?? "").split(","), templateView),
});
