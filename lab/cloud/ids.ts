/** Ids as UUIDs: each one new, or worked out of others, so that the same always have the same. */
import { createHash } from "node:crypto";

/** Version 3, as of a name. */
export function uuidOf(text: string): string {
  const hex = createHash("md5").update(text).digest("hex");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-3$3-a$4-$5");
}

/** Of what an object has once and never without it. */
export function derivedId(ownerId: string, part: string): string {
  return uuidOf(`${ownerId}/${part}`);
}
