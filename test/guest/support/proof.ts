import { type CheckResult, type Group, groups } from "../../../appliances/checks/types.ts";
import type { Proof } from "../../../providers/guest/report/model.ts";

export function result(id: string, parts: Partial<CheckResult> = {}): CheckResult {
  return {
    id,
    title: id.slice(id.indexOf("/") + 1).replaceAll("-", " "),
    group: groupOf(id),
    severity: "error",
    outcome: "passed",
    detail: "active active; restarts 0",
    why: "Without it the appliance does not do its work.",
    fix: "systemctl status, then the journal",
    seconds: 0.042,
    ...parts,
  };
}

function groupOf(id: string): Group {
  const folder = id.slice(0, id.indexOf("/"));
  return groups.find((group) => group === folder) ?? "http";
}

export function proofOf(results: readonly CheckResult[], parts: Partial<Proof> = {}): Proof {
  return {
    appliance: "oma",
    title: "OSSEA Migration Appliance",
    createdAt: "2026-11-23T20:15:00.000Z",
    fingerprint: {
      "base template": "9f86d081884c7d65",
      "assets/oma/units/oma-api.service": "60303ae22b998861",
    },
    template: { id: "7f0c", name: "oma-dev-60303ae2", zone: "lab" },
    connection: {},
    runs: [{ phase: "build", machine: "oma-build", results, seconds: 1.25 }],
    ...parts,
  };
}
