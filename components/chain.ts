import type * as pulumi from "@pulumi/pulumi";
import type { MachineAccess } from "./machine-access.ts";
import { step } from "./step.ts";

export interface ChainLink {
  /** Suffix of the resource's name. */
  name: string;
  /** Script in the project. */
  script: string;
  parameters?: pulumi.Input<string[]>;
}

/** Steps on one machine, each after the one before. Returns the last one. */
export function chain(
  parent: pulumi.ComponentResource,
  name: string,
  machine: MachineAccess,
  links: readonly ChainLink[],
): pulumi.Resource | undefined {
  let last: pulumi.Resource | undefined;
  for (const link of links) {
    last = step(
      `${name}-${link.name}`,
      { machine, script: link.script, ...(link.parameters && { parameters: link.parameters }) },
      { parent, dependsOn: last ? [last] : [] },
    );
  }
  return last;
}
