import * as pulumi from "@pulumi/pulumi";
import { type Operation, sealRunner } from "../inputs/sources.ts";
import type { MachineAccess } from "./machine-access.ts";
import { step } from "./step.ts";

export interface SealArgs {
  machine: MachineAccess;
  /** In the order of their headers. */
  operations: readonly Operation[];
}

/**
 * Takes everything out of the machine that no clone may inherit, in one session: one of the operations takes the way in
 * away. After it nobody logs in to the build machine.
 */
export class Seal extends pulumi.ComponentResource {
  constructor(name: string, args: SealArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:Seal", name, {}, opts);
    const { script, parameters } = sealLink(args.operations);
    step(`${name}-run`, { machine: args.machine, script, parameters }, { parent: this });
    this.registerOutputs();
  }
}

/** The step that runs the operations. */
export function sealLink(operations: readonly Operation[]) {
  return {
    name: "seal",
    script: sealRunner,
    parameters: operations.map(({ source }) => `operation=${source.path}`),
  };
}
