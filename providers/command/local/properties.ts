/** The properties that a local command has, as a resource and as a function. */
import { z } from "zod";
import type { PropertySpec } from "../../rpc/index.ts";

const texts = { type: "array", items: { type: "string" } } as const;
const rules =
  "Patterns are matched against paths relative to the working directory; `*` matches anything except `/`, `**` anything. Patterns starting with `!` exclude what a pattern before them included.";

export const processInputs: Record<string, PropertySpec> = {
  interpreter: {
    ...texts,
    description: 'The program and arguments to run the command. Defaults to `["/bin/sh", "-c"]`.',
  },
  dir: { type: "string", description: "The directory from which to run the command." },
  assetPaths: {
    ...texts,
    description: `Path globs to return as assets after the command completes. ${rules}`,
  },
  archivePaths: {
    ...texts,
    description: `Path globs to return as a single archive after the command completes. ${rules}`,
  },
  logging: {
    $ref: "#/types/command:local:Logging",
    description: "If the command's stdout and stderr should be logged. Defaults to logging both.",
  },
};

export const processOutputs: Record<string, PropertySpec> = {
  assets: {
    type: "object",
    additionalProperties: { $ref: "pulumi.json#/Asset" },
    description: "Assets found after running the command, by their path relative to its directory.",
  },
  archive: {
    $ref: "pulumi.json#/Archive",
    description: "An archive of the files found after running the command.",
  },
};

export const processShape = {
  interpreter: z.array(z.string()).optional(),
  dir: z.string().optional(),
  assetPaths: z.array(z.string()).optional(),
  archivePaths: z.array(z.string()).optional(),
};
