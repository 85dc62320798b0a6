import { z } from "zod";
import { Problem } from "../../../common/problem.ts";
import { askMachine } from "../machine/ask.ts";
import { targetOf } from "../machine/target.ts";
import { type Act, connectionSchema, pinnedConnection, triggers, triggersSchema } from "./act.ts";
import { scriptText } from "./checks.ts";

const inputs = z.strictObject({
  connection: pinnedConnection,
  machineName: z.string().min(1),
  script: z.string().min(1),
  wizard: z
    .string()
    .regex(/^\/[\w./-]+$/u, "give an absolute path of plain characters")
    .optional(),
  triggers,
});

const seen = z.object({
  os: z.string(),
  kernel: z.string(),
  packages: z.record(z.string(), z.string()),
  boot: z.object({ seconds: z.number().nullable(), units: z.record(z.string(), z.number()) }),
  screen: z.string(),
});

export interface InventoryOutputs {
  os: string;
  kernel: string;
  packages: Record<string, string>;
  bootSeconds: number;
  unitSeconds: Record<string, number>;
  screen: string;
}

const inputProperties = {
  connection: connectionSchema,
  machineName: { type: "string", description: "The machine's name in messages." },
  script: { type: "string", description: "Script of the project that prints the inventory as JSON." },
  wizard: { type: "string", description: "Program on the machine whose first screen is wanted." },
  triggers: triggersSchema,
};

const outputProperties = {
  os: { type: "string" },
  kernel: { type: "string" },
  packages: {
    type: "object",
    additionalProperties: { type: "string" },
    description: "Installed package -> its version.",
  },
  bootSeconds: { type: "number", description: "How long the boot took, as systemd counts it; 0 if unknown." },
  unitSeconds: {
    type: "object",
    additionalProperties: { type: "number" },
    description: "Service -> how long its start took in this boot.",
  },
  screen: { type: "string", description: "What the wizard sends to a terminal of 80x24, in base64." },
};

/** What a machine is made of, for the report: packages, boot times, and how its setup wizard looks. */
export const inventory: Act<z.infer<typeof inputs>, InventoryOutputs> = {
  token: "guest:index:Inventory",
  schema: {
    description: "Reads what a machine is made of: packages, boot times, and how its setup wizard looks.",
    properties: { ...inputProperties, ...outputProperties },
    required: ["connection", "machineName", "script", ...Object.keys(outputProperties)],
    inputProperties,
    requiredInputs: ["connection", "machineName", "script"],
  },
  inputs,
  repeatedBy: ["script", "wizard", "triggers"],
  perform: async ({ connection, machineName, script, wizard }, { connections, signal, root }) => {
    const text = `export WIZARD=${wizard ?? ""}\n${await scriptText(root, script, machineName)}`;
    const request = { probes: [{ kind: "script", script, text }] };
    const told = await connections.use(targetOf(connection), signal, (shell) =>
      askMachine(shell, request, signal),
    );
    const parsed = z.object({ answers: z.tuple([z.object({ answer: seen })]) }).safeParse(told);
    if (!parsed.success) {
      throw new Problem({
        what: "cannot read what the machine is made of",
        object: machineName,
        because: JSON.stringify(told).slice(0, 400),
        next: `look at ${script}`,
      });
    }
    const { boot, ...facts } = parsed.data.answers[0].answer;
    const outputs = { ...facts, bootSeconds: boot.seconds ?? 0, unitSeconds: boot.units };
    return { id: machineName, outputs };
  },
};
