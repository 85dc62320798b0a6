/** Faults of inputs by a zod type, where a preview may not know every value yet. */
import type { z } from "zod";
import type { Fault } from "./handler.ts";
import { isUnknown } from "./values.ts";

/** What the type finds wrong, but for what is only not known yet. */
export function faultsBy(type: z.ZodType, news: unknown): Fault[] {
  const parsed = type.safeParse(news);
  if (parsed.success) return [];
  return parsed.error.issues
    .filter(({ path }) => !passesUnknown(news, path))
    .map(({ path, message }) => ({ property: path.map(plainPart), reason: message }));
}

function passesUnknown(news: unknown, path: readonly PropertyKey[]): boolean {
  let value = news;
  for (const part of path) {
    if (typeof value !== "object" || value === null || isUnknown(value)) break;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return isUnknown(value);
}

function plainPart(part: PropertyKey): string | number {
  return typeof part === "number" ? part : String(part);
}
