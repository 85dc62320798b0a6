/** What every act that judges machines gives back, and what it does when something is red. */
import { resolve } from "node:path";
import { z } from "zod";
import { type CheckResult, groups } from "../../../appliances/checks/types.ts";
import { type FailOn, redChecks } from "../checks/problem.ts";
import { today, waiver, withWaivers } from "../checks/waivers.ts";
import { isRed, tally } from "../report/model.ts";
import { keepRun, runsOfBuild, writeReport } from "../report/write.ts";

const facts = z.record(z.string(), z.string());

/** Inputs that all of them have. */
export const judging = {
  phase: z.string().min(1),
  failOn: z.enum(["error", "warning", "never"]).default("error"),
  waivers: z.array(waiver).default([]),
  machineName: z.string().min(1),
  report: z
    .strictObject({
      directory: z.string().min(1),
      appliance: z.string().min(1),
      title: z.string().min(1),
      fingerprint: facts,
      template: facts.default({}),
    })
    .optional(),
};

export type Judging = z.infer<ReturnType<typeof z.strictObject<typeof judging>>>;

export interface JudgedOutputs {
  passed: number;
  failed: number;
  warnings: number;
  waived: number;
  results: CheckResult[];
  seconds: number;
}

/** One evaluated check, as it comes back from the state. */
export const checkResult: z.ZodType<CheckResult> = z.object({
  id: z.string(),
  title: z.string(),
  group: z.enum(groups),
  severity: z.enum(["error", "warning"]),
  outcome: z.enum(["passed", "failed", "unknown", "waived"]),
  detail: z.string(),
  why: z.string(),
  fix: z.string(),
  seconds: z.number(),
  waiver: z.object({ reason: z.string(), owner: z.string(), expires: z.string() }).optional(),
}) as z.ZodType<CheckResult>;

const map = { type: "object", additionalProperties: { type: "string" } };

export const judgingProperties = {
  phase: { type: "string", description: "What the run is called in the report: `build`, `sealed`, `clone`." },
  failOn: {
    type: "string",
    default: "error",
    description: "Which red checks end the update: `error`, `warning` (those too) or `never`.",
  },
  waivers: {
    type: "array",
    items: { $ref: "#/types/guest:index:Waiver" },
    description: "Red checks that somebody answers for: they do not end the update, and are told as waived.",
  },
  machineName: { type: "string", description: "The machine's name in messages and in the report." },
  report: {
    $ref: "#/types/guest:index:ReportOfRuns",
    description:
      "Where the run is kept. When it is red, it and the earlier runs of the same build are written there as a report.",
  },
};

export const judgedProperties = {
  passed: { type: "integer", description: "How many checks are green." },
  failed: {
    type: "integer",
    description: "How many of severity error are red, unknown ones included.",
  },
  warnings: { type: "integer", description: "How many of severity warning are red." },
  waived: { type: "integer", description: "How many red ones are waived." },
  results: {
    type: "array",
    items: { $ref: "#/types/guest:index:CheckResult" },
    description: "Every check with what was seen; never a secret.",
  },
  seconds: { type: "number", description: "How long the run took, waiting included." },
};

const resultProperties = {
  id: { type: "string", description: "`folder/name`." },
  title: { type: "string" },
  group: { type: "string", description: "Under which a report shows it." },
  severity: { type: "string", description: "`error` or `warning`." },
  outcome: {
    type: "string",
    description: "`passed`, `failed`, `unknown` when the probe could not answer, or `waived`.",
  },
  detail: { type: "string", description: "What was expected and what was seen." },
  why: { type: "string", description: "Why it matters." },
  fix: { type: "string", description: "What to do when it is red." },
  seconds: { type: "number", description: "How long the probe took." },
};

const waiverProperties = {
  reason: { type: "string", description: "Why it may be red." },
  owner: { type: "string", description: "Who answers for it." },
  expires: { type: "string", description: "The last day on which it holds, `2026-12-31`." },
};

export const checkTypes = {
  "guest:index:CheckResult": {
    type: "object",
    description: "One evaluated check.",
    properties: { ...resultProperties, waiver: { $ref: "#/types/guest:index:WaivedBy" } },
    required: Object.keys(resultProperties),
  },
  "guest:index:WaivedBy": {
    type: "object",
    description: "Who answers for a red check.",
    properties: waiverProperties,
    required: Object.keys(waiverProperties),
  },
  "guest:index:Waiver": {
    type: "object",
    description: "A red check that somebody answers for, until a day.",
    properties: { check: { type: "string", description: "Id of the check." }, ...waiverProperties },
    required: ["check", ...Object.keys(waiverProperties)],
  },
  "guest:index:ReportOfRuns": {
    type: "object",
    description: "Where the runs of a build are kept and reported.",
    properties: {
      directory: { type: "string", description: "Folder on this computer." },
      appliance: { type: "string", description: "Short name of the appliance." },
      title: { type: "string", description: "Title of the appliance for people." },
      fingerprint: { ...map, description: "Input of the build -> its digest." },
      template: { ...map, description: "What is known of the template: `id`, `name`, `zone`." },
    },
    required: ["directory", "appliance", "title", "fingerprint"],
  },
};

/**
 * Waives, keeps the run, and counts.
 * @throws Problem when a check is red that ends the update; by then the report with it is written
 */
export async function concluded(
  root: string,
  asked: Judging,
  run: { results: readonly CheckResult[]; seconds: number },
): Promise<JudgedOutputs> {
  const { phase, failOn, machineName, report } = asked;
  const results = withWaivers(run.results, asked.waivers, today());
  const red = results.filter((result) => endsUpdate(result, failOn));
  let path: string | undefined;
  if (report) {
    const { directory, ...about } = report;
    const folder = resolve(root, directory);
    const ended = { phase, machine: machineName, results, seconds: run.seconds };
    await keepRun(folder, about.fingerprint, ended);
    if (red.length > 0) {
      const runs = await runsOfBuild(folder, about.fingerprint);
      const proof = { ...about, connection: {}, createdAt: new Date().toISOString(), runs };
      path = (await writeReport(folder, proof)).path;
    }
  }
  if (red.length > 0) throw redChecks({ machine: machineName, phase, red, total: results.length, path });
  const { passed, failed, warnings, waived } = tally(results);
  return { passed, failed, warnings, waived, results, seconds: run.seconds };
}

function endsUpdate(result: CheckResult, failOn: FailOn): boolean {
  if (!isRed(result) || failOn === "never") return false;
  return failOn === "warning" || result.severity === "error";
}
