import * as answers from "../client/answers.ts";
import { type LookUp, looking, lookUpSchema, theOne } from "./look-up.ts";

interface Args {
  name: string;
}
interface Result {
  id: string;
  name: string;
  networkType: string;
}

export const getZone: LookUp<Args, Result> = {
  token: "cloudstack:index:getZone",
  schema: lookUpSchema({
    description: "A zone by its name (`listZones`).",
    inputs: { name: { type: "string" } },
    required: ["name"],
    outputs: {
      id: { type: "string" },
      name: { type: "string" },
      networkType: { type: "string", description: "`Advanced` or `Basic`." },
    },
  }),
  invoke: ({ name }, context) =>
    looking(context, "zone", name, async () => {
      const rows = await context.client.list("listZones", answers.zone, {}, context.signal);
      const zone = theOne("zone", name, rows, (row) => row.name);
      return { id: zone.id, name: zone.name, networkType: zone.networktype ?? "" };
    }),
};
