/** Every command of the folder commands/. Names are case-sensitive, as on the server. */
import { join } from "node:path";
import { exportsOf } from "../records.ts";
import type { Command } from "./command.ts";

export const allCommands: readonly Command[] = await exportsOf<Command>(
  join(import.meta.dirname, "commands"),
);

const byName = new Map(allCommands.map((command) => [command.name, command]));

export function commandNamed(name: string): Command | undefined {
  return byName.get(name);
}
