import * as guest from "@ossea/guest";
import type * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";
import type { Appliance } from "../appliances/types.ts";
import type { JudgedRun, ReportOfRuns } from "./checks.ts";
import type { MachineAccess } from "./machine-access.ts";

export interface ProofArgs {
  appliance: Appliance;
  report: ReportOfRuns;
  template: cloudstack.Template;
  clone: MachineAccess;
  /** Where to reach what was proved; never a secret. */
  host: pulumi.Input<string>;
  /** In the order in which they ran. */
  runs: readonly JudgedRun[];
  restart?: guest.Restart | undefined;
}

/** The report of every check that ran, and of what the clone is made of. */
export class Proof extends pulumi.ComponentResource {
  readonly path: pulumi.Output<string>;

  constructor(name: string, args: ProofArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:Proof", name, {}, opts);
    const { appliance, template, clone, restart } = args;
    const made = new guest.Inventory(
      `${name}-inventory`,
      {
        connection: clone.connection,
        machineName: name,
        script: "assets/common/checks/inventory.sh",
        wizard: appliance.wizard,
        triggers: { clone: clone.instanceId },
      },
      { parent: this, dependsOn: args.runs.map(({ run }) => run) },
    );
    const report = new guest.ProofReport(
      `${name}-report`,
      {
        ...args.report,
        template: { id: template.id, name: template.name, zone: template.zoneName },
        connection: { host: args.host },
        runs: args.runs.map(({ label, run }) => ({
          phase: label,
          machine: run.machineName,
          results: run.results,
          seconds: run.seconds,
        })),
        inventory: {
          os: made.os,
          kernel: made.kernel,
          packages: made.packages,
          bootSeconds: made.bootSeconds,
          unitSeconds: made.unitSeconds,
          restartSeconds: restart?.seconds ?? 0,
        },
        screen: made.screen,
      },
      { parent: this },
    );
    this.path = report.path;
    this.registerOutputs({ path: this.path });
  }
}
