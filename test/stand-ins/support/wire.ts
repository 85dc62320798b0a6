/** Properties as they travel, in a form to compare. */
import type { Wire } from "../../provider/support/engine.ts";

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** The official random plugin keeps its own description of a state in the state. */
const unspoken = new Set(["__pulumi_raw_state_delta"]);

export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const object = value as Wire;
  if (object[signatureKey] === secretSignature) return plain(object.value);
  return Object.fromEntries(
    Object.entries(object)
      .filter(([name, item]) => item !== null && !unspoken.has(name))
      .map(([name, item]) => [name, plain(item)]),
  );
}

export function plainProperties(value: Wire): Wire {
  return plain(value) as Wire;
}

/** The names of the properties that are secrets as a whole. */
export function secretNames(properties: Wire): string[] {
  return Object.entries(properties)
    .filter(([, value]) => (value as Wire | null)?.[signatureKey] === secretSignature)
    .map(([name]) => name)
    .sort();
}
