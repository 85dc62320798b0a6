import { resolve } from "node:path";
import { z } from "zod";
import { screenOf } from "../report/screen.ts";
import { writeReport } from "../report/write.ts";
import type { Act } from "./act.ts";
import { checkResult } from "./check-results.ts";

const facts = z.record(z.string(), z.string());

const inventory = z.strictObject({
  os: z.string(),
  kernel: z.string(),
  packages: facts,
  bootSeconds: z.number(),
  unitSeconds: z.record(z.string(), z.number()),
  restartSeconds: z.number(),
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
        results: z.array(checkResult),
        seconds: z.number(),
      }),
    )
    .min(1, "a proof without a run proves nothing"),
  inventory: inventory.optional(),
  screen: z.string().optional(),
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
  inventory: {
    $ref: "#/types/guest:index:ProofInventory",
    description: "What the proved machine is made of.",
  },
  screen: { type: "string", description: "What its setup wizard sends to a terminal, in base64." },
};

const outputProperties = {
  path: { type: "string", description: "Path of report.html." },
  createdAt: { type: "string", description: "When the report was written, ISO 8601." },
  digests: { ...map, description: "File of the report -> its SHA-256." },
};

const required = ["directory", "appliance", "title", "fingerprint", "template", "runs"];

const inventoryProperties = {
  os: { type: "string" },
  kernel: { type: "string" },
  packages: { ...map, description: "Installed package -> its version." },
  bootSeconds: { type: "number", description: "How long the boot took; 0 if unknown." },
  unitSeconds: {
    type: "object",
    additionalProperties: { type: "number" },
    description: "Service -> how long its start took.",
  },
  restartSeconds: {
    type: "number",
    description: "How long a restart took until SSH answered; 0 if not tried.",
  },
};

export const reportTypes = {
  "guest:index:ProofInventory": {
    type: "object",
    description: "What the proved machine is made of.",
    properties: inventoryProperties,
    required: Object.keys(inventoryProperties),
  },
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
    required: [...required, "connection", ...Object.keys(outputProperties)],
    inputProperties,
    requiredInputs: required,
  },
  inputs,
  repeatedBy: ["directory"],
  renewedBy: ["appliance", "title", "fingerprint", "template", "connection", "runs", "inventory", "screen"],
  perform: async ({ directory, screen, inventory: made, ...proof }, { root }) => {
    const createdAt = new Date().toISOString();
    const written = await writeReport(resolve(root, directory), {
      ...proof,
      createdAt,
      ...(made && { inventory: made }),
      ...(screen && { screen: await screenOf(screen) }),
    });
    return { id: written.path, outputs: { ...written, createdAt } };
  },
};
