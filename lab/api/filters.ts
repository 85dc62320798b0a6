/** What lists have in common: which rows a caller meant. */
import type { Cloud } from "../cloud/cloud.ts";
import type { KeyValue } from "./parameters.ts";
import { tagsOf } from "./views/tag.ts";

/** A substring without regard to case, as the server's database compares. */
export function hasKeyword(keyword: string | undefined, ...texts: readonly string[]): boolean {
  if (keyword === undefined || keyword === "") return true;
  return texts.some((text) => text.toLowerCase().includes(keyword.toLowerCase()));
}

/** Several tags: one that fits is enough. */
export function hasTag(cloud: Cloud, wanted: readonly KeyValue[] | undefined, resourceId: string): boolean {
  if (!wanted || wanted.length === 0) return true;
  return tagsOf(cloud, resourceId).some((tag) =>
    wanted.some(({ key, value }) => tag.key === key && (value === undefined || tag.value === value)),
  );
}

export function isOneOf(
  id: string,
  wanted: string | undefined,
  several?: readonly string[] | undefined,
): boolean {
  return (
    (wanted === undefined || wanted === id) && (!several || several.length === 0 || several.includes(id))
  );
}

/** Undefined and -1 mean any. */
export function isZone(wanted: string | undefined, zoneId: string | undefined): boolean {
  return wanted === undefined || wanted === "-1" || wanted === zoneId;
}

/** For what the lab has nothing of: asked for, nothing is shown. */
export function hasNone(asked: boolean | undefined): boolean {
  return asked !== true;
}

/** Of words that the server compares without regard to case. */
export function equalsIgnoringCase(wanted: string | undefined, value: string): boolean {
  return equals(wanted?.toLowerCase(), value.toLowerCase());
}

export function is(wanted: boolean | undefined, value: boolean): boolean {
  return wanted === undefined || wanted === value;
}

export function equals(wanted: string | undefined, value: string): boolean {
  return wanted === undefined || wanted === "" || wanted === value;
}
