/** What local and remote commands have in common: which command runs when, and what it knows of the run before. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Context, Properties, PropertySpec, ResourceHandler } from "../rpc/index.ts";
import type { Workplace } from "./workplace.ts";

export interface Output {
  stdout: string;
  stderr: string;
}

export type Run = (
  command: string,
  inputs: Properties,
  previous: Output | undefined,
  context: Context<Workplace>,
) => Promise<Output>;

export const previousStdout = "PULUMI_COMMAND_STDOUT";
export const previousStderr = "PULUMI_COMMAND_STDERR";

/** Linux takes no longer text in one variable, and SSH no longer packet. */
const longestVariable = 128 * 1024 - 64;

export const lifecycleInputs: Record<string, PropertySpec> = {
  triggers: {
    type: "array",
    items: { $ref: "pulumi.json#/Any" },
    replaceOnChanges: true,
    description: "The resource is replaced when any of these values changes.",
  },
  create: {
    type: "string",
    description: "The command to run on creation, and on an update when there is no `update`.",
  },
  update: { type: "string", description: "The command to run on an update; `create` when there is none." },
  delete: { type: "string", description: "The command to run on deletion." },
  stdin: { type: "string", description: "Passed to the command's process as standard input." },
  environment: {
    type: "object",
    additionalProperties: { type: "string" },
    description: "Additional environment variables available to the command's process.",
  },
  addPreviousOutputInEnv: {
    type: "boolean",
    default: true,
    description: `If the stdout and stderr of the run before are given to the next run as ${previousStdout} and ${previousStderr}.`,
  },
};

export const lifecycleOutputs: Record<string, PropertySpec> = {
  stdout: { type: "string", description: "The standard output of the command's process." },
  stderr: { type: "string", description: "The standard error of the command's process." },
};

export const lifecycleShape = {
  triggers: z.array(z.unknown()).optional(),
  create: z.string().optional(),
  update: z.string().optional(),
  delete: z.string().optional(),
  stdin: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  addPreviousOutputInEnv: z.boolean().optional(),
  logging: z.string().optional(),
};

export function lifecycle(
  run: Run,
): Pick<Required<ResourceHandler<Properties, Properties, Workplace>>, "create" | "update" | "delete"> {
  return {
    create: async (inputs, context) => {
      const output =
        typeof inputs.create === "string"
          ? await run(inputs.create, inputs, undefined, context)
          : { stdout: "", stderr: "" };
      return { id: uniqueHex(nameIn(context.urn)), state: { ...inputs, ...output } };
    },
    update: async (old, news, context) => {
      const before = outputOf(old.state);
      const command = news.update ?? news.create;
      const output = typeof command === "string" ? await run(command, news, before, context) : before;
      return { state: { ...news, ...output } };
    },
    delete: async (old, context) => {
      if (typeof old.state.delete === "string") {
        await run(old.state.delete, old.state, outputOf(old.state), context);
      }
    },
  };
}

/** The variables of the run before. What is too long for one is told and left out. */
export function previousVariables(
  inputs: Properties,
  previous: Output | undefined,
  warn: (text: string) => void,
): Record<string, string> {
  if (previous === undefined || inputs.addPreviousOutputInEnv === false) return {};
  const variables: Record<string, string> = {};
  for (const [name, value] of [
    [previousStdout, previous.stdout],
    [previousStderr, previous.stderr],
  ] as const) {
    if (Buffer.byteLength(value) > longestVariable) warn(`${name} is not set: the output before is too long`);
    else if (value !== "") variables[name] = value;
  }
  return variables;
}

/** One line feed at the end is the end of the last line, not part of the value. */
export function trimmed(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}

export function uniqueHex(prefix: string): string {
  return `${prefix}${randomBytes(4).toString("hex")}`;
}

function outputOf({ stdout, stderr }: Properties): Output {
  return { stdout: String(stdout ?? ""), stderr: String(stderr ?? "") };
}

function nameIn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
