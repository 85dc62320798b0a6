/** Ids of the things that a lab has once and keeps no rows for: its host, its stores, its management server. */
import type { Cloud } from "./cloud.ts";
import { derivedId } from "./ids.ts";

export type FixedThing =
  | "host"
  | "pod"
  | "cluster"
  | "primary-storage"
  | "secondary-storage"
  | "physical-network"
  | "public-network"
  | "public-vlan"
  | "router-offering"
  | "management-server";

export function fixedId(cloud: Cloud, thing: FixedThing): string {
  return derivedId(cloud.zone.id, thing);
}
