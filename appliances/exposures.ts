import type { Unit } from "./types.ts";

/** What each unit may be exposed at most, by its name without the ending, for the check that holds it. */
export function exposuresOf(units: readonly Unit[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    units.flatMap(({ name, exposureAtMost }) =>
      exposureAtMost === undefined ? [] : [[name.replace(/\.service$/u, ""), exposureAtMost]],
    ),
  );
}
