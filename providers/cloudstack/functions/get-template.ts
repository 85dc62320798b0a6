import * as answers from "../client/answers.ts";
import { type LookUp, looking, lookUpSchema, nothing, notReady } from "./look-up.ts";

interface Args {
  name: string;
  alternatives?: string[];
  zoneId: string;
  filter?: string;
}
interface Result {
  id: string;
  name: string;
  created: string;
  osTypeId: string;
  osTypeName: string;
  hypervisor: string;
  size: number;
}

export const getTemplate: LookUp<Args, Result> = {
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
    },
    required: ["name", "zoneId"],
    outputs: {
      id: { type: "string" },
      name: { type: "string" },
      created: { type: "string" },
      osTypeId: { type: "string" },
      osTypeName: { type: "string" },
      hypervisor: { type: "string" },
      size: { type: "number", description: "Bytes." },
    },
  }),
  invoke: ({ name, alternatives = [], zoneId, filter = "executable" }, context) =>
    looking(context, "template", name, async () => {
      const parameters = { templatefilter: filter, zoneid: zoneId };
      const rows = await context.client.list("listTemplates", answers.template, parameters, context.signal);
      const ready = rows.filter(({ isready }) => isready !== false);
      const names = [name, ...alternatives];
      const [newest, ...older] =
        names
          .map((wanted) => ready.filter((row) => row.name === wanted))
          .find((found) => found.length > 0)
          ?.sort((a, b) => timeOf(b.created) - timeOf(a.created)) ?? [];
      const unready = rows.find((row) => names.includes(row.name));
      if (!newest && unready) throw notReady("template", unready.name, unready.status);
      if (!newest) throw nothing("template", names.join(", or "), [...new Set(ready.map((row) => row.name))]);
      if (older.length > 0) {
        context.log.info(
          `${older.length + 1} templates are named ${newest.name}: the newest is taken (${newest.id}, of ${newest.created})`,
        );
      }
      return {
        id: newest.id,
        name: newest.name,
        created: newest.created ?? "",
        osTypeId: newest.ostypeid ?? "",
        osTypeName: newest.ostypename ?? "",
        hypervisor: newest.hypervisor ?? "",
        size: newest.size ?? 0,
      };
    }),
};

/** CloudStack tells its own time zone with each time. */
function timeOf(created: string | undefined): number {
  return Date.parse(created ?? "") || 0;
}
