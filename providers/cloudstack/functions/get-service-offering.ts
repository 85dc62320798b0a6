import * as answers from "../client/answers.ts";
import { type LookUp, looking, lookUpSchema, theOne } from "./look-up.ts";

interface Args {
  name: string;
  zoneId?: string;
}
interface Result {
  id: string;
  name: string;
  /** 0 for an offering whose size each instance chooses. */
  cpuNumber: number;
  /** MiB. */
  memory: number;
}

export const getServiceOffering: LookUp<Args, Result> = {
  token: "cloudstack:index:getServiceOffering",
  schema: lookUpSchema({
    description: "A service offering by its name (`listServiceOfferings`).",
    inputs: { name: { type: "string" }, zoneId: { type: "string", description: "Only those of this zone." } },
    required: ["name"],
    outputs: {
      id: { type: "string" },
      name: { type: "string" },
      cpuNumber: { type: "integer", description: "0 where each instance chooses." },
      memory: { type: "integer", description: "MiB; 0 where each instance chooses." },
    },
  }),
  invoke: ({ name, zoneId }, context) =>
    looking(context, "service offering", name, async () => {
      const parameters = zoneId === undefined ? {} : { zoneid: zoneId };
      const { client, signal } = context;
      const rows = await client.list("listServiceOfferings", answers.serviceOffering, parameters, signal);
      const offering = theOne("service offering", name, rows, (row) => row.name);
      return {
        id: offering.id,
        name: offering.name,
        cpuNumber: offering.cpunumber ?? 0,
        memory: offering.memory ?? 0,
      };
    }),
};
