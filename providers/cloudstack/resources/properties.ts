/** Property declarations that several resources share. */
import type { PropertySpec, ResourceSpec } from "../../rpc/index.ts";

export const stringMap: PropertySpec = { type: "object", additionalProperties: { type: "string" } };

export const triggersProperty: PropertySpec = {
  ...stringMap,
  willReplaceOnChanges: true,
  description:
    "Any values; when one moves, comes or goes, the resource is replaced, and the preview names its key.",
};

export const tagsProperty: PropertySpec = {
  ...stringMap,
  description: "Tags. Keys that begin with `pulumi:` are the provider's own.",
};

/** Kept only as long as it matters. */
export const jobIdOutput: PropertySpec = {
  type: "string",
  description: "The job that makes it, until it is made.",
};

/** A schema whose inputs are all kept in the state; `outputs` come on top, `computed` inputs always have a value there. */
export function resourceSchema(parts: {
  description: string;
  inputs: Record<string, PropertySpec>;
  required: readonly string[];
  outputs: Record<string, PropertySpec>;
  /** Outputs and inputs that the state always has. */
  present: readonly string[];
}): ResourceSpec {
  const kept = Object.entries(parts.inputs).map(([name, spec]) => {
    const { willReplaceOnChanges: _, default: __, ...output } = spec;
    return [name, output];
  });
  return {
    description: parts.description,
    inputProperties: parts.inputs,
    requiredInputs: parts.required,
    properties: { ...Object.fromEntries(kept), ...parts.outputs },
    required: parts.present,
  };
}
