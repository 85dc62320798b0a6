/** What of the server's commands and parameters the lab has: from its own records and what a 4.22 server lists. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../../lab/api/command.ts";
import { allCommands } from "../../lab/api/registry.ts";
import { type GeneratedPart, tableOf } from "./part.ts";

const file = "docs/lab-coverage.md";

/** Parameters of each command, without those that all lists and all asynchronous commands have. */
const server = JSON.parse(
  readFileSync(join(import.meta.dirname, "server-commands.json"), "utf8"),
) as Readonly<Record<string, readonly string[]>>;

const common: ReadonlySet<string> = new Set(["page", "pagesize", "keyword", "customjobid"]);

export type Support = "done" | "without effect" | "refused" | "missing";

/** @returns each parameter's state, the server's and those that only the lab knows of */
export function supportOf(command: Command, ofServer: readonly string[]): Map<string, Support> {
  const states = new Map<string, Support>();
  for (const [name, { support }] of Object.entries(command.params)) {
    if (!common.has(name)) states.set(name, support ?? "done");
  }
  for (const name of ofServer) if (!states.has(name)) states.set(name, "missing");
  return states;
}

function row(command: Command): string[] {
  const states = supportOf(command, server[command.name] ?? []);
  const having = (wanted: Support) =>
    [...states]
      .filter(([, support]) => support === wanted)
      .map(([name]) => name)
      .sort()
      .join(", ");
  return [command.name, having("done"), having("without effect"), having("refused"), having("missing")];
}

const described = (command: Command) => command.name in server;

export const labCommands: GeneratedPart = {
  file,
  name: "commands",
  text: () =>
    tableOf(
      ["command", "done", "without effect", "refused", "missing"],
      [...allCommands].filter(described).sort(byName).map(row),
    ),
};

export const labOtherCommands: GeneratedPart = {
  file,
  name: "other commands",
  text: () =>
    tableOf(
      ["command", "done", "without effect", "refused"],
      [...allCommands]
        .filter((command) => !described(command))
        .sort(byName)
        .map((command) => row(command).slice(0, 4)),
    ),
};

export const labMissing: GeneratedPart = {
  file,
  name: "missing commands",
  text() {
    const names = new Set(allCommands.map(({ name }) => name));
    const missing = Object.keys(server).filter((name) => !names.has(name));
    return missing.length === 0 ? "None." : missing.map((name) => `- \`${name}\``).join("\n");
  },
};

function byName(a: Command, b: Command): number {
  return a.name < b.name ? -1 : 1;
}
