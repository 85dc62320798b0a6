import * as answers from "../client/answers.ts";
import { type LookUp, looking, lookUpSchema, theOne } from "./look-up.ts";

interface Args {
  name: string;
}
interface Result {
  id: string;
  name: string;
}

export const getProject: LookUp<Args, Result> = {
  token: "cloudstack:index:getProject",
  schema: lookUpSchema({
    description: "A project by its name (`listProjects`).",
    inputs: { name: { type: "string" } },
    required: ["name"],
    outputs: { id: { type: "string" }, name: { type: "string" } },
  }),
  invoke: ({ name }, context) =>
    looking(context, "project", name, async () => {
      const { client, signal } = context;
      const rows = await client.list("listProjects", answers.project, { listall: "true" }, signal);
      const found = theOne("project", name, rows, (row) => row.name);
      return { id: found.id, name: found.name };
    }),
};
