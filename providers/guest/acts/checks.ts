import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Check, CheckResult } from "../../../appliances/checks/types.ts";
import { Problem } from "../../../common/problem.ts";
import { type Question, verdictList } from "../checks/evaluate.ts";
import { checkList, phases } from "../checks/parse.ts";
import { redChecks } from "../checks/problem.ts";
import { isFault, runChecks } from "../checks/run.ts";
import { askMachine } from "../machine/ask.ts";
import { targetOf } from "../machine/target.ts";
import { tally } from "../report/model.ts";
import { type Act, connectionSchema, pinnedConnection, triggers, triggersSchema } from "./act.ts";

const inputs = z.strictObject({
  connection: pinnedConnection,
  appliance: z.string().min(1),
  phase: z.enum(phases),
  checks: checkList,
  failOn: z.enum(["error", "warning", "never"]).default("error"),
  timeoutSeconds: z.number().nonnegative().default(180),
  machineName: z.string().min(1),
  triggers,
});

export interface ChecksOutputs {
  passed: number;
  failed: number;
  warnings: number;
  results: CheckResult[];
  seconds: number;
}

const inputProperties = {
  connection: connectionSchema,
  appliance: { type: "string", description: "Short name of the appliance." },
  phase: { type: "string", description: "`build`, `sealed`, `clone` or `reboot`." },
  checks: {
    type: "array",
    items: { $ref: "pulumi.json#/Any" },
    description: "The checks of this phase, as records.",
  },
  failOn: {
    type: "string",
    default: "error",
    description: "Which red checks end the update: `error`, `warning` (those too) or `never`.",
  },
  timeoutSeconds: {
    type: "number",
    default: 180,
    description:
      "How long a clone may take until its checks are green, in seconds: its services are still starting. In other phases the machine is looked at once.",
  },
  machineName: { type: "string", description: "The machine's name in messages and in the report." },
  triggers: triggersSchema,
};

const outputProperties = {
  passed: { type: "integer", description: "How many checks are green." },
  failed: { type: "integer", description: "How many of severity error are red, unknown ones included." },
  warnings: { type: "integer", description: "How many of severity warning are red." },
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

export const checkTypes = {
  "guest:index:CheckResult": {
    type: "object",
    description: "One evaluated check.",
    properties: resultProperties,
    required: Object.keys(resultProperties),
  },
};

/** One run of an appliance's checks on a machine. */
export const checks: Act<z.infer<typeof inputs>, ChecksOutputs> = {
  token: "guest:index:Checks",
  schema: {
    description: "Looks at a machine with a list of checks, in one SSH round trip, and judges what was seen.",
    properties: { ...inputProperties, ...outputProperties },
    required: ["connection", "appliance", "phase", "checks", "machineName", ...Object.keys(outputProperties)],
    inputProperties,
    requiredInputs: ["connection", "appliance", "phase", "checks", "machineName"],
  },
  inputs,
  repeatedBy: ["appliance", "phase", "checks", "failOn", "triggers"],
  perform: async (asked, { connections, signal, progress, root }) => {
    const target = targetOf(asked.connection);
    const wanted = asked.checks as readonly Check[];
    const questions = await Promise.all(wanted.map((check) => questionOf(check, root)));
    const run = await runChecks({
      checks: wanted,
      timeoutSeconds: asked.phase === "clone" ? asked.timeoutSeconds : 0,
      progress: (line) => progress(`${asked.machineName}: ${line}`),
      look: async () => {
        const answer = await connections.use(target, signal, (shell) =>
          askMachine(shell, { checks: questions }, signal),
        );
        return verdictList.parse(answer).verdicts;
      },
      ...(signal ? { signal } : {}),
    });
    const red = run.results.filter((result) => endsUpdate(result, asked.failOn));
    if (red.length > 0) throw redChecks(asked.machineName, asked.phase, red, run.results.length);
    const { passed, failed, warnings } = tally(run.results);
    const outputs = { passed, failed, warnings, ...run };
    return { id: `${asked.appliance}/${asked.phase}/${asked.machineName}`, outputs };
  },
};

function endsUpdate(result: CheckResult, failOn: "error" | "warning" | "never"): boolean {
  if (!isFault(result) || failOn === "never") return false;
  return failOn === "warning" || result.severity === "error";
}

async function questionOf({ id, probe, expect }: Check, root: string): Promise<Question> {
  if (probe.kind !== "script") return { id, probe, expect };
  const text = await readFile(join(root, probe.script), "utf8").catch((cause: unknown) => {
    throw new Problem({
      what: "cannot read the script of a check",
      object: `${probe.script}, of ${id}`,
      because: cause instanceof Error ? cause.message : String(cause),
      next: `put the script at ${probe.script}`,
      cause,
    });
  });
  return { id, probe: { ...probe, text }, expect };
}
