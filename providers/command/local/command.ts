/** command:local:Command: a command on this machine, at the moments of a resource's life. */
import { posix } from "node:path";
import { z } from "zod";
import { faultsBy } from "../../rpc/faults.ts";
import { Asset, type Properties, type PropertySpec, type ResourceHandler } from "../../rpc/index.ts";
import { isPlainObject } from "../../rpc/values.ts";
import { lifecycle, lifecycleInputs, lifecycleOutputs, lifecycleShape } from "../lifecycle.ts";
import type { Workplace } from "../workplace.ts";
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
  // The engine shows a provider the hash of an asset only, and takes what it is shown back as the whole.
  read: async (_id, { state = {} }) => ({ state: { ...state, ...restoredAssets(state) } }),
  ...lifecycle(runLocal),
};

function restoredAssets({ assets, dir }: Properties): Properties {
  if (!isPlainObject(assets)) return {};
  const directory = String(dir ?? process.cwd());
  const restored = Object.entries(assets).map(([path, asset]) => {
    const hash = asset instanceof Asset ? asset.hash : undefined;
    return [path, new Asset({ path: posix.join(directory, path), ...(hash !== undefined && { hash }) })];
  });
  return { assets: Object.fromEntries(restored) };
}
