import * as answers from "../client/answers.ts";
import { type LookUp, looking, lookUpSchema, theOne } from "./look-up.ts";

interface Args {
  name: string;
  zoneId?: string;
}
interface Result {
  id: string;
  name: string;
  customSize: boolean;
  size: number;
}

export const getDiskOffering: LookUp<Args, Result> = {
  token: "cloudstack:index:getDiskOffering",
  schema: lookUpSchema({
    description: "A disk offering by its name (`listDiskOfferings`).",
    inputs: { name: { type: "string" }, zoneId: { type: "string" } },
    required: ["name"],
    outputs: {
      id: { type: "string" },
      name: { type: "string" },
      customSize: { type: "boolean", description: "A volume says its own size." },
      size: { type: "number", description: "GiB; 0 with `customSize`." },
    },
  }),
  invoke: ({ name, zoneId }, context) =>
    looking(context, "disk offering", name, async () => {
      const parameters = zoneId === undefined ? {} : { zoneid: zoneId };
      const { client, signal } = context;
      const rows = await client.list("listDiskOfferings", answers.diskOffering, parameters, signal);
      const found = theOne("disk offering", name, rows, (row) => row.name);
      return {
        id: found.id,
        name: found.name,
        customSize: found.iscustomized ?? false,
        size: found.disksize ?? 0,
      };
    }),
};
