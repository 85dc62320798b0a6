/** Red checks that somebody answers for: they no longer end an update, and no report calls them passed. */
import { z } from "zod";
import type { CheckResult, Waiver } from "../../../appliances/checks/types.ts";

export const waiver = z.strictObject({
  check: z.string().min(1),
  reason: z.string().min(1),
  owner: z.string().min(1),
  expires: z.iso.date(),
});

export type CheckWaiver = Waiver & { check: string };

/** @param today "2026-12-31" */
export function withWaivers(
  results: readonly CheckResult[],
  waivers: readonly CheckWaiver[],
  today: string,
): CheckResult[] {
  return results.map((result) => {
    const { check: _, ...waived } = waivers.find(({ check }) => check === result.id) ?? { check: undefined };
    // Its last day counts.
    if (!("reason" in waived) || result.outcome === "passed" || waived.expires < today) return result;
    return { ...result, outcome: "waived", waiver: waived };
  });
}

export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
