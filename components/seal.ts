import * as pulumi from "@pulumi/pulumi";
import type { Operation } from "../inputs/sources.ts";
import { chain } from "./chain.ts";
import type { MachineAccess } from "./machine-access.ts";

export interface SealArgs {
  machine: MachineAccess;
  /** In the order of their headers; the last one takes the builder's own access away. */
  operations: readonly Operation[];
}

/** Takes everything out of the machine that no clone may inherit. After it nobody logs in to the build machine. */
export class Seal extends pulumi.ComponentResource {
  constructor(name: string, args: SealArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:Seal", name, {}, opts);
    chain(
      this,
      name,
      args.machine,
      args.operations.map(({ source }) => ({
        name: source.path.slice(source.path.lastIndexOf("/") + 1).replace(/\.sh$/, ""),
        script: source.path,
      })),
    );
    this.registerOutputs();
  }
}
