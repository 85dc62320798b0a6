import * as answers from "../client/answers.ts";
import { type LookUp, looking, lookUpSchema, theOne } from "./look-up.ts";

interface Args {
  name: string;
  zoneId: string;
}
interface Result {
  id: string;
  name: string;
  type: string;
  state: string;
  cidr: string;
  gateway: string;
}

export const getNetwork: LookUp<Args, Result> = {
  token: "cloudstack:index:getNetwork",
  schema: lookUpSchema({
    description: "A guest network by its name (`listNetworks`).",
    inputs: { name: { type: "string" }, zoneId: { type: "string" } },
    required: ["name", "zoneId"],
    outputs: {
      id: { type: "string" },
      name: { type: "string" },
      type: { type: "string", description: "`Isolated`, `Shared` or `L2`." },
      state: { type: "string" },
      cidr: { type: "string" },
      gateway: { type: "string" },
    },
  }),
  invoke: ({ name, zoneId }, context) =>
    looking(context, "network", name, async () => {
      const { client, signal } = context;
      const rows = await client.list("listNetworks", answers.network, { zoneid: zoneId }, signal);
      const network = theOne("network", name, rows, (row) => row.name);
      return {
        id: network.id,
        name: network.name,
        type: network.type ?? "",
        state: network.state ?? "",
        cidr: network.cidr ?? "",
        gateway: network.gateway ?? "",
      };
    }),
};
