/** Which inputs of an appliance moved, read out of a preview's diff: the map that machine and template are triggered by. */
import { stripVTControlCharacters } from "node:util";

/** Steps and checks are triggered by the machines that they run on: a consequence, not a cause. */
const machines: ReadonlySet<string> = new Set(["instance", "clone", "twin"]);

const mark = /^\s*[~+-]\s+([\w./@-]+)\s*:\s+"/u;

/** "unit/oma-api.service", each once, in the order of the diff. */
export function movedInputs(diff: string): string[] {
  const moved = new Set<string>();
  let inside = false;
  for (const line of stripVTControlCharacters(diff).split("\n")) {
    if (/^\s*[~+-]\s+triggers\s*:\s+\{/u.test(line)) inside = true;
    else if (/^\s*\}/u.test(line)) inside = false;
    else if (inside) {
      const name = mark.exec(line)?.[1];
      if (name !== undefined && !machines.has(name)) moved.add(name);
    }
  }
  return [...moved];
}

export function describeMoved(moved: readonly string[]): string {
  if (moved.length === 0) return "No input of the appliance moved.";
  return [
    `Moved since the last update (${moved.length}):`,
    ...moved.map((name) => `  ${name}`),
    "The build machine, the template and its clone are made anew; nothing is patched.",
  ].join("\n");
}
