import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { AskedCheck } from "../../../appliances/checks/types.ts";
import { Problem } from "../../../common/problem.ts";
import { type Question, verdictList } from "../checks/evaluate.ts";
import { checkList, phases } from "../checks/parse.ts";
import { runChecks } from "../checks/run.ts";
import { today, withWaivers } from "../checks/waivers.ts";
import { askMachine } from "../machine/ask.ts";
import { targetOf } from "../machine/target.ts";
import { type Act, connectionSchema, pinnedConnection, triggers, triggersSchema } from "./act.ts";
import {
  concluded,
  type JudgedOutputs,
  judgedProperties,
  judging,
  judgingProperties,
} from "./check-results.ts";

const inputs = z.strictObject({
  ...judging,
  connection: pinnedConnection,
  appliance: z.string().min(1),
  phase: z.enum(phases),
  checks: checkList,
  timeoutSeconds: z.number().nonnegative().default(180),
  triggers,
});

const inputProperties = {
  ...judgingProperties,
  connection: connectionSchema,
  appliance: { type: "string", description: "Short name of the appliance." },
  phase: {
    type: "string",
    description:
      "`build`, `clone`, `reboot`, or `sealed`: then it is not the machine itself that is looked at, but the sealed disk that is attached to it, read-only.",
  },
  checks: {
    type: "array",
    items: { $ref: "pulumi.json#/Any" },
    description: "The checks of this phase, as records.",
  },
  timeoutSeconds: {
    type: "number",
    default: 180,
    description:
      "How long a clone may take until its checks are green, in seconds: its services are still starting. In the phases build and sealed the machine is looked at once.",
  },
  triggers: triggersSchema,
};

/** One run of an appliance's checks on a machine. */
export const checks: Act<z.infer<typeof inputs>, JudgedOutputs> = {
  token: "guest:index:Checks",
  schema: {
    description: "Looks at a machine with a list of checks, in one SSH round trip, and judges what was seen.",
    properties: { ...inputProperties, ...judgedProperties },
    required: ["connection", "appliance", "phase", "checks", "machineName", ...Object.keys(judgedProperties)],
    inputProperties,
    requiredInputs: ["connection", "appliance", "phase", "checks", "machineName"],
  },
  inputs,
  repeatedBy: ["appliance", "phase", "checks", "failOn", "triggers"],
  perform: async (asked, { connections, signal, progress, root }) => {
    const target = targetOf(asked.connection);
    const wanted = asked.checks as readonly AskedCheck[];
    const questions = await Promise.all(wanted.map((check) => questionOf(check, root)));
    const disk = asked.phase === "sealed";
    const settles = asked.phase === "clone" || asked.phase === "reboot";
    const run = await runChecks({
      checks: wanted,
      timeoutSeconds: settles ? asked.timeoutSeconds : 0,
      progress: (line) => progress(`${asked.machineName}: ${line}`),
      look: async () => {
        const answer = await connections.use(target, signal, (shell) =>
          askMachine(shell, { checks: questions, disk }, signal),
        );
        return verdictList.parse(answer).verdicts;
      },
      waive: (results) => withWaivers(results, asked.waivers, today()),
      ...(signal ? { signal } : {}),
    });
    const outputs = await concluded(root, asked, run);
    return { id: `${asked.appliance}/${asked.phase}/${asked.machineName}`, outputs };
  },
};

/** A script travels as its text: the machine has no copy of the project. */
export async function questionOf({ id, probe, expect }: AskedCheck, root: string): Promise<Question> {
  if (probe.kind !== "script") return { id, probe, expect };
  return { id, probe: { ...probe, text: await scriptText(root, probe.script, id) }, expect };
}

export async function scriptText(root: string, script: string, user: string): Promise<string> {
  return readFile(join(root, script), "utf8").catch((cause: unknown) => {
    throw new Problem({
      what: "cannot read the script of a check",
      object: `${script}, of ${user}`,
      because: cause instanceof Error ? cause.message : String(cause),
      next: `put the script at ${script}`,
      cause,
    });
  });
}
