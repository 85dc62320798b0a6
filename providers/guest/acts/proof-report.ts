import { resolve } from "node:path";
import { z } from "zod";
import { groups } from "../../../appliances/checks/types.ts";
import { writeReport } from "../report/write.ts";
import type { Act } from "./act.ts";

const facts = z.record(z.string(), z.string());

const result = z.object({
  id: z.string(),
  title: z.string(),
  group: z.enum(groups),
  severity: z.enum(["error", "warning"]),
  outcome: z.enum(["passed", "failed", "unknown", "waived"]),
  detail: z.string(),
  why: z.string(),
  fix: z.string(),
  seconds: z.number(),
});

const inputs = z.strictObject({
  directory: z.string().min(1),
  appliance: z.string().min(1),
  title: z.string().min(1),
  fingerprint: facts,
  template: facts,
  connection: facts.default({}),
  runs: z
    .array(
      z.strictObject({
        phase: z.string(),
        machine: z.string(),
        results: z.array(result),
        seconds: z.number(),
      }),
    )
    .min(1, "a proof without a run proves nothing"),
});

export interface ProofReportOutputs {
  path: string;
  createdAt: string;
  digests: Record<string, string>;
}

const map = { type: "object", additionalProperties: { type: "string" } };

const inputProperties = {
  directory: { type: "string", description: "Folder on this computer that receives the report." },
  appliance: { type: "string", description: "Short name of the appliance." },
  title: { type: "string", description: "Title of the appliance for people." },
  fingerprint: { ...map, description: "Input of the build -> its digest." },
  template: { ...map, description: "What is known of the template: `id`, `name`, `zone`." },
  connection: { ...map, description: "How the proved appliance is reached. Never a secret." },
  runs: {
    type: "array",
    items: { $ref: "#/types/guest:index:ProofRun" },
    description: "Runs of checks, in the order in which they ran.",
  },
};

const outputProperties = {
  path: { type: "string", description: "Path of report.html." },
  createdAt: { type: "string", description: "When the report was written, ISO 8601." },
  digests: { ...map, description: "File of the report -> its SHA-256." },
};

export const reportTypes = {
  "guest:index:ProofRun": {
    type: "object",
    description: "One run of checks on one machine.",
    properties: {
      phase: { type: "string", description: "`build`, `sealed` or `clone`." },
      machine: { type: "string", description: "Name of the machine." },
      results: { type: "array", items: { $ref: "#/types/guest:index:CheckResult" } },
      seconds: { type: "number", description: "How long the run took." },
    },
    required: ["phase", "machine", "results", "seconds"],
  },
};

/** The proof of an appliance as files: report.html, report.json, report.md and junit.xml. They outlive the resource. */
export const proofReport: Act<z.infer<typeof inputs>, ProofReportOutputs> = {
  token: "guest:index:ProofReport",
  schema: {
    description:
      "Writes the proof of an appliance as report.html, report.json, report.md and junit.xml. The files stay when the resource is deleted.",
    properties: { ...inputProperties, ...outputProperties },
    required: [...Object.keys(inputProperties), ...Object.keys(outputProperties)],
    inputProperties,
    requiredInputs: ["directory", "appliance", "title", "fingerprint", "template", "runs"],
  },
  inputs,
  repeatedBy: ["directory"],
  renewedBy: ["appliance", "title", "fingerprint", "template", "connection", "runs"],
  perform: async ({ directory, ...proof }, { root }) => {
    const createdAt = new Date().toISOString();
    const written = await writeReport(resolve(root, directory), { ...proof, createdAt });
    return { id: written.path, outputs: { ...written, createdAt } };
  },
};
