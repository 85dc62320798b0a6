/** command:local:run: a command on this machine in every preview and update. */
import { z } from "zod";
import { Problem } from "../../../common/problem.ts";
import { faultsBy } from "../../rpc/faults.ts";
import { type FunctionHandler, type Properties, pathText } from "../../rpc/index.ts";
import { lifecycleInputs, lifecycleOutputs, lifecycleShape } from "../lifecycle.ts";
import type { Workplace } from "../workplace.ts";
import { processInputs, processOutputs, processShape } from "./properties.ts";
import { runLocal } from "./run-local.ts";

const { stdin, environment, addPreviousOutputInEnv } = lifecycleInputs as Required<typeof lifecycleInputs>;
const properties = {
  ...processInputs,
  command: { type: "string", description: "The command to run." },
  ...(stdin && { stdin }),
  ...(environment && { environment }),
  ...(addPreviousOutputInEnv && { addPreviousOutputInEnv }),
} as const;

const argsType = z.looseObject({ ...lifecycleShape, ...processShape, command: z.string() });

export const localRun: FunctionHandler<Properties, Properties, Workplace> = {
  token: "command:local:run",
  schema: {
    description: "A local command to be executed. It is run in every preview and every update.",
    inputs: { type: "object", properties, required: ["command"] },
    outputs: {
      type: "object",
      properties: { ...properties, ...processOutputs, ...lifecycleOutputs },
      required: ["command", "stdout", "stderr"],
    },
  },
  invoke: async (given, context) => {
    const args = { addPreviousOutputInEnv: true, ...given };
    const [fault] = faultsBy(argsType, args);
    if (fault) {
      throw new Problem({
        what: "cannot run the command",
        object: `command:local:run, ${typeof fault.property === "string" ? fault.property : pathText(fault.property)}`,
        because: fault.reason,
        next: "mend the argument in the program",
      });
    }
    return { ...args, ...(await runLocal(String(given.command), args, undefined, context)) };
  },
};
