import * as guest from "@ossea/guest";
import type * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";
import type { Appliance } from "../appliances/types.ts";
import type { Fingerprint } from "../inputs/fingerprint.ts";
import type { Checks } from "./checks.ts";

export interface ProofArgs {
  appliance: Appliance;
  directory: string;
  fingerprint: Fingerprint;
  template: cloudstack.Template;
  /** In the order in which they ran. */
  runs: readonly Checks[];
}

/** The report of every check that ran, on the build machine and on the clone. */
export class Proof extends pulumi.ComponentResource {
  readonly path: pulumi.Output<string>;

  constructor(name: string, args: ProofArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:Proof", name, {}, opts);
    const { template } = args;
    const report = new guest.ProofReport(
      `${name}-report`,
      {
        directory: args.directory,
        appliance: args.appliance.name,
        title: args.appliance.title,
        fingerprint: args.fingerprint,
        template: { id: template.id, name: template.name, zone: template.zoneName },
        runs: args.runs.map(({ run }) => ({
          phase: run.phase,
          machine: run.machineName,
          results: run.results,
          seconds: run.seconds,
        })),
      },
      { parent: this },
    );
    this.path = report.path;
    this.registerOutputs({ path: this.path });
  }
}
