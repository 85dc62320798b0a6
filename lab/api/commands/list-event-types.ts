import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { sessionEvents } from "../login.ts";

export const listEventTypes = listCommand({
  name: "listEventTypes",
  description: "List Event Types",
  params: {},
  response: { name: "string" },
  async run(call) {
    // Imported when it is called: the registry imports this file.
    const { allCommands } = await import("../registry.ts");
    const kinds = [...allCommands.flatMap(({ event }) => event ?? []), ...Object.values(sessionEvents)];
    const names = [...new Set(kinds.map(({ type }) => type))].sort();
    return listOf(call, "eventtype", names, (name) => ({ name }));
  },
});
