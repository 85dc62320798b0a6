import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { AskedTwinCheck } from "../../../appliances/checks/types.ts";
import { compareTwins, type MachineFacts } from "../checks/twins.ts";
import { askMachine } from "../machine/ask.ts";
import { targetOf } from "../machine/target.ts";
import { type Act, pinnedConnection, triggers, triggersSchema } from "./act.ts";
import {
  concluded,
  type JudgedOutputs,
  judgedProperties,
  judging,
  judgingProperties,
} from "./check-results.ts";
import { scriptText } from "./checks.ts";

const twinCheck = z.object({
  id: z.string().min(1),
  title: z.string().min(1),
  why: z.string().min(1),
  fix: z.string().min(1),
  fact: z.string().min(1),
  must: z.enum(["differ", "be equal"]),
  optional: z.boolean().optional(),
});

const inputs = z.strictObject({
  ...judging,
  connections: z.array(pinnedConnection).length(2, "a comparison is of two machines"),
  script: z.string().min(1),
  checks: z.array(twinCheck).min(1, "a comparison without checks proves nothing"),
  triggers,
});

const inputProperties = {
  ...judgingProperties,
  connections: {
    type: "array",
    items: { $ref: "#/types/guest:index:Connection" },
    secret: true,
    description: "How the two machines are reached.",
  },
  script: { type: "string", description: "Script of the project that prints a machine's facts as JSON." },
  checks: {
    type: "array",
    items: { $ref: "pulumi.json#/Any" },
    description: "What must differ and what must be equal, as records.",
  },
  triggers: triggersSchema,
};

const required = ["connections", "script", "checks", "phase", "machineName"];

/** Two clones of one template, compared: who they are, and what they are made of. */
export const twinComparison: Act<z.infer<typeof inputs>, JudgedOutputs> = {
  token: "guest:index:TwinComparison",
  schema: {
    description:
      "Compares two machines of one template: every identity must differ, everything else must be equal. Of secrets the machines give digests, keyed anew for each comparison.",
    properties: { ...inputProperties, ...judgedProperties },
    required: [...required, ...Object.keys(judgedProperties)],
    inputProperties,
    requiredInputs: required,
  },
  inputs,
  repeatedBy: ["script", "checks", "failOn", "triggers"],
  perform: async (asked, { connections, signal, progress, root }) => {
    const began = performance.now();
    const nonce = randomBytes(32).toString("hex");
    const text = `export NONCE=${nonce}\n${await scriptText(root, asked.script, asked.machineName)}`;
    const probes = [{ kind: "script", script: asked.script, text }];
    const [one, other] = await Promise.all(
      asked.connections.map(async (connection) => {
        const answer = await connections.use(targetOf(connection), signal, (shell) =>
          askMachine(shell, { probes }, signal),
        );
        return factsOf(answer);
      }),
    );
    const checks = asked.checks as readonly AskedTwinCheck[];
    const results = compareTwins(checks, one ?? {}, other ?? {});
    const seconds = Math.round(performance.now() - began) / 1000;
    const outputs = await concluded(root, asked, { results, seconds });
    progress(`${outputs.passed} of ${results.length} comparisons hold`);
    return { id: `${asked.phase}/${asked.machineName}`, outputs };
  },
};

const answered = z.object({ answers: z.tuple([z.object({ answer: z.record(z.string(), z.unknown()) })]) });
const refused = z.object({ answers: z.tuple([z.object({ error: z.string() })]) });

/** A machine that could not say who it is has no facts, and every comparison is unknown. */
function factsOf(answer: unknown): MachineFacts {
  const parsed = answered.safeParse(answer);
  if (parsed.success) return parsed.data.answers[0].answer;
  throw new Error(`the facts of a machine: ${refused.parse(answer).answers[0].error}`);
}
