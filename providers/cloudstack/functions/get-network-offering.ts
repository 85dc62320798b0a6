import * as answers from "../client/answers.ts";
import { type LookUp, looking, lookUpSchema, theOne } from "./look-up.ts";

interface Args {
  name: string;
}
interface Result {
  id: string;
  name: string;
  guestIpType: string;
  egressAllowed: boolean;
  services: string[];
}

export const getNetworkOffering: LookUp<Args, Result> = {
  token: "cloudstack:index:getNetworkOffering",
  schema: lookUpSchema({
    description: "An enabled network offering by its name (`listNetworkOfferings`).",
    inputs: { name: { type: "string" } },
    required: ["name"],
    outputs: {
      id: { type: "string" },
      name: { type: "string" },
      guestIpType: { type: "string", description: "`Isolated`, `Shared` or `L2`." },
      egressAllowed: {
        type: "boolean",
        description: "Whether outgoing traffic passes for which there is no rule.",
      },
      services: {
        type: "array",
        items: { type: "string" },
        description: "Such as `UserData`, without which guests get neither user data nor keys.",
      },
    },
  }),
  invoke: ({ name }, context) =>
    looking(context, "network offering", name, async () => {
      const { client, signal } = context;
      const parameters = { state: "Enabled" };
      const rows = await client.list("listNetworkOfferings", answers.networkOffering, parameters, signal);
      const found = theOne("network offering", name, rows, (row) => row.name);
      return {
        id: found.id,
        name: found.name,
        guestIpType: found.guestiptype ?? "",
        egressAllowed: found.egressdefaultpolicy ?? true,
        services: found.service.map((service) => service.name),
      };
    }),
};
