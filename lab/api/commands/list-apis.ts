import { isRoot } from "../../cloud/accounts.ts";
import { noSuchCommand } from "../../cloud/failure.ts";
import { type Command, command } from "../command.ts";
import { text } from "../parameters.ts";

export const listApis = command({
  name: "listApis",
  description: "Lists all available APIs on the server, provided by the Api Discovery plugin",
  since: "4.1.0",
  params: { name: text("API name") },
  response: { name: "string", description: "string", isasync: "boolean", params: "set", response: "set" },
  async run({ values, caller }) {
    // Imported when it is called: the registry imports this file.
    const { allCommands } = await import("../registry.ts");
    const found = allCommands.filter(
      ({ name, adminOnly }) =>
        (values.name === undefined || name === values.name) && (!adminOnly || isRoot(caller.account)),
    );
    if (found.length === 0) throw noSuchCommand();
    return { count: found.length, api: found.map(view) };
  },
});

function view(command: Command): Record<string, unknown> {
  const parameters = Object.entries(command.params).map(([name, parameter]) => ({
    name,
    description: parameter.description,
    type: parameter.type,
    length: parameter.length,
    required: parameter.isRequired,
  }));
  return {
    name: command.name,
    description: command.description,
    ...(command.since === undefined ? {} : { since: command.since }),
    isasync: command.kind === "async",
    related: "",
    // Nobody finds customjobid in the real list either.
    params: parameters.filter(({ name }) => name !== "customjobid"),
    response: Object.entries(command.response).map(([name, type]) => ({ name, description: name, type })),
  };
}
