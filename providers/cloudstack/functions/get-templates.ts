import * as answers from "../client/answers.ts";
import { tagsOf } from "../resources/tags.ts";
import { type LookUp, looking, lookUpSchema } from "./look-up.ts";
import { newestFirst, type TemplateSummary, templateOutputs, templateSummary } from "./template-summary.ts";

interface Args {
  name?: string;
  zoneId?: string;
  filter?: string;
  tags?: Record<string, string>;
}

export const getTemplates: LookUp<Args, { templates: TemplateSummary[] }> = {
  token: "cloudstack:index:getTemplates",
  schema: lookUpSchema({
    description:
      "All ready templates of a name, a zone and with all of the tags given, the newest first (`listTemplates`). None is no error.",
    inputs: {
      name: { type: "string", description: "Exactly so." },
      zoneId: { type: "string" },
      filter: { type: "string", default: "executable", description: "CloudStack's templatefilter." },
      tags: { type: "object", additionalProperties: { type: "string" } },
    },
    required: [],
    outputs: {
      templates: {
        type: "array",
        items: { $ref: "#/types/cloudstack:index:TemplateSummary" },
      },
    },
  }),
  invoke: ({ name, zoneId, filter = "executable", tags = {} }, context) =>
    looking(context, "template", name ?? "any", async () => {
      const { client, signal } = context;
      const parameters = {
        templatefilter: filter,
        ...(zoneId !== undefined && { zoneid: zoneId }),
        ...(name !== undefined && { name }),
      };
      const rows = await client.list("listTemplates", answers.template, parameters, signal);
      // CloudStack takes a template that has one of several tags.
      const hasAll = (row: answers.Template) =>
        Object.entries(tags).every(([key, value]) => tagsOf(row.tags)[key] === value);
      const found = rows.filter(
        (row) => row.isready !== false && (name === undefined || row.name === name) && hasAll(row),
      );
      return { templates: newestFirst(found).map(templateSummary) };
    }),
};

export const templateSummaryType = {
  type: "object" as const,
  properties: templateOutputs,
  required: Object.keys(templateOutputs),
};
