import * as answers from "../client/answers.ts";
import { tagsOf } from "../resources/tags.ts";
import { type LookUp, looking, lookUpSchema, nothing, notReady } from "./look-up.ts";
import { newestFirst, type TemplateSummary, templateOutputs, templateSummary } from "./template-summary.ts";

interface Args {
  name: string;
  alternatives?: string[];
  zoneId: string;
  filter?: string;
  tags?: Record<string, string>;
}
export const getTemplate: LookUp<Args, TemplateSummary> = {
  token: "cloudstack:index:getTemplate",
  schema: lookUpSchema({
    description: "The newest ready template of a name in a zone (`listTemplates`).",
    inputs: {
      name: { type: "string" },
      alternatives: {
        type: "array",
        items: { type: "string" },
        description: "Names to take, in this order, when the zone has no ready template of the first one.",
      },
      zoneId: { type: "string" },
      filter: { type: "string", default: "executable", description: "CloudStack's templatefilter." },
      tags: {
        type: "object",
        additionalProperties: { type: "string" },
        description: "All of them must be there.",
      },
    },
    required: ["name", "zoneId"],
    outputs: templateOutputs,
  }),
  invoke: ({ name, alternatives = [], zoneId, filter = "executable", tags = {} }, context) =>
    looking(context, "template", name, async () => {
      const parameters = { templatefilter: filter, zoneid: zoneId };
      const rows = await context.client.list("listTemplates", answers.template, parameters, context.signal);
      const fits = (row: answers.Template) =>
        Object.entries(tags).every(([key, value]) => tagsOf(row.tags)[key] === value);
      const ready = rows.filter((row) => row.isready !== false && fits(row));
      const names = [name, ...alternatives];
      const named = names
        .map((wanted) => ready.filter((row) => row.name === wanted))
        .find((found) => found.length > 0);
      const [newest, ...older] = newestFirst(named ?? []);
      const unready = rows.find((row) => names.includes(row.name));
      if (!newest && unready) throw notReady("template", unready.name, unready.status);
      if (!newest) throw nothing("template", names.join(", or "), [...new Set(ready.map((row) => row.name))]);
      if (older.length > 0) {
        context.log.info(
          `${older.length + 1} templates are named ${newest.name}: the newest is taken (${newest.id}, of ${newest.created})`,
        );
      }
      return templateSummary(newest);
    }),
};
