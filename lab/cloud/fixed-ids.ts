/** Ids of the things that a lab has once and keeps no rows for: its host, its stores, its management server. */
import { createHash } from "node:crypto";
import type { Cloud } from "./cloud.ts";

export type FixedThing =
  | "host"
  | "pod"
  | "cluster"
  | "primary-storage"
  | "secondary-storage"
  | "router-offering"
  | "management-server";

export function fixedId(cloud: Cloud, thing: FixedThing): string {
  const hex = createHash("md5").update(`${cloud.zone.id}/${thing}`).digest("hex");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-3$3-a$4-$5");
}
