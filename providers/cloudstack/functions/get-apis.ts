import { apisOf } from "../client/apis.ts";
import { type LookUp, looking, lookUpSchema } from "./look-up.ts";

interface Args {
  names?: string[];
}
interface Result {
  names: string[];
  missing: string[];
}

export const getApis: LookUp<Args, Result> = {
  token: "cloudstack:index:getApis",
  schema: lookUpSchema({
    description: "The commands that this key's role can call (`listApis`).",
    inputs: {
      names: {
        type: "array",
        items: { type: "string" },
        description: "Those that are needed.",
      },
    },
    required: [],
    outputs: {
      names: { type: "array", items: { type: "string" }, description: "All that can be called." },
      missing: {
        type: "array",
        items: { type: "string" },
        description: "Of those that are needed, the ones that the cloud has not, or not for this key.",
      },
    },
  }),
  invoke: ({ names = [] }, context) =>
    looking(context, "cloud", context.client.endpoint, async () => {
      const there = await apisOf(context.client, context.signal);
      return { names: [...there].sort(), missing: names.filter((name) => !there.has(name)) };
    }),
};
