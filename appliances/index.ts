import { oma } from "./oma.ts";
import type { Appliance } from "./types.ts";
import { vma } from "./vma.ts";

/** By the name that the config key `appliance` gives. */
export const appliances: Readonly<Record<string, Appliance>> = { oma, vma };
