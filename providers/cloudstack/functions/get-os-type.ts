import * as answers from "../client/answers.ts";
import { type LookUp, looking, lookUpSchema, theOne } from "./look-up.ts";

interface Args {
  description: string;
}
interface Result {
  id: string;
  description: string;
}

export const getOsType: LookUp<Args, Result> = {
  token: "cloudstack:index:getOsType",
  schema: lookUpSchema({
    description: "An OS type by its description (`listOsTypes`).",
    inputs: { description: { type: "string", description: "Such as `Ubuntu 24.04 LTS`." } },
    required: ["description"],
    outputs: { id: { type: "string" }, description: { type: "string" } },
  }),
  invoke: ({ description }, context) =>
    looking(context, "OS type", description, async () => {
      const rows = await context.client.list("listOsTypes", answers.osType, {}, context.signal);
      return theOne("OS type", description, rows, (row) => row.description);
    }),
};
