/** The package as Pulumi's code generator wants it; every property is declared beside the resource that has it. */
import type { ObjectSpec, Provider } from "../rpc/index.ts";
import { type Act, sharedTypes } from "./acts/act.ts";
import { checkTypes } from "./acts/check-results.ts";
import { checks } from "./acts/checks.ts";
import { database, databaseTypes } from "./acts/database.ts";
import { inventory } from "./acts/inventory.ts";
import { powerOff } from "./acts/power-off.ts";
import { proofReport, reportTypes } from "./acts/proof-report.ts";
import { restart } from "./acts/restart.ts";
import { service, serviceTypes } from "./acts/service.ts";
import { sshKey } from "./acts/ssh-key.ts";
import { sshReady } from "./acts/ssh-ready.ts";
import { twinComparison } from "./acts/twin-comparison.ts";

// Inputs and outputs differ from act to act; whoever goes through the list takes them as they are.
export type AnyAct = Act<Record<string, unknown>, object>;

export const acts = [
  sshKey,
  sshReady,
  database,
  service,
  checks,
  twinComparison,
  restart,
  powerOff,
  inventory,
  proofReport,
] as unknown as readonly AnyAct[];

export const version = "0.1.0";

export const schema = {
  name: "guest",
  displayName: "OSSEA guest",
  version,
  description:
    "Work inside the machines of an appliance: SSH readiness, services, databases, checks, proofs.",
  license: "Apache-2.0",
  keywords: ["category/infrastructure", "kind/native"],
  language: {
    nodejs: {
      packageName: "@ossea/guest",
      respectSchemaVersion: true,
    },
  },
  types: { ...sharedTypes, ...databaseTypes, ...serviceTypes, ...checkTypes, ...reportTypes } as Record<
    string,
    ObjectSpec
  >,
} satisfies Provider["schema"];
