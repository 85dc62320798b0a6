/** command:local:Command: a command on this machine, at the moments of a resource's life. */
import { z } from "zod";
import { faultsBy } from "../../rpc/faults.ts";
import type { Properties, PropertySpec, ResourceHandler } from "../../rpc/index.ts";
import { lifecycle, lifecycleInputs, lifecycleOutputs, lifecycleShape } from "../lifecycle.ts";
import type { Workplace } from "../workplace.ts";
import { restoredFiles } from "./files.ts";
import { processInputs, processOutputs, processShape } from "./properties.ts";
import { runLocal } from "./run-local.ts";

const inputProperties: Record<string, PropertySpec> = { ...lifecycleInputs, ...processInputs };

const inputsType = z.looseObject({ ...lifecycleShape, ...processShape });

export const localCommand: ResourceHandler<Properties, Properties, Workplace> = {
  token: "command:local:Command",
  schema: {
    description: "A local command to be executed.",
    inputProperties,
    properties: { ...inputProperties, ...lifecycleOutputs, ...processOutputs },
    required: ["stdout", "stderr"],
  },
  check: (news) => ({
    inputs: { addPreviousOutputInEnv: true, ...news },
    faults: faultsBy(inputsType, news),
  }),
  // Files are an output only where they are asked for.
  preview: (inputs) => ({
    ...(inputs.assetPaths === undefined && { assets: undefined }),
    ...(inputs.archivePaths === undefined && { archive: undefined }),
  }),
  read: async (_id, { state = {} }) => ({ state: { ...state, ...(await restoredFiles(state)) } }),
  ...lifecycle(runLocal),
};
