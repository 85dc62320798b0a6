import * as answers from "../client/answers.ts";
import { type LookUp, looking, lookUpSchema, theOne } from "./look-up.ts";

interface Args {
  name: string;
  domainId?: string;
}
interface Result {
  id: string;
  name: string;
  domainId: string;
  domain: string;
  state: string;
}

export const getAccount: LookUp<Args, Result> = {
  token: "cloudstack:index:getAccount",
  schema: lookUpSchema({
    description: "An account by its name (`listAccounts`).",
    inputs: { name: { type: "string" }, domainId: { type: "string" } },
    required: ["name"],
    outputs: {
      id: { type: "string" },
      name: { type: "string" },
      domainId: { type: "string" },
      domain: { type: "string" },
      state: { type: "string" },
    },
  }),
  invoke: ({ name, domainId }, context) =>
    looking(context, "account", name, async () => {
      const { client, signal } = context;
      const parameters = { listall: "true", ...(domainId !== undefined && { domainid: domainId }) };
      const rows = await client.list("listAccounts", answers.account, parameters, signal);
      const found = theOne("account", name, rows, (row) => row.name);
      return {
        id: found.id,
        name: found.name,
        domainId: found.domainid ?? "",
        domain: found.domain ?? "",
        state: found.state ?? "",
      };
    }),
};
