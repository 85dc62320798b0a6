import * as guest from "@ossea/guest";
import * as pulumi from "@pulumi/pulumi";
import type { Phase } from "../appliances/checks/types.ts";
import type { Appliance } from "../appliances/types.ts";
import type { MachineAccess } from "./machine-access.ts";

export interface ChecksArgs {
  machine: MachineAccess;
  appliance: Appliance;
  phase: Phase;
  timeoutSeconds: number;
}

/** Looks at the machine with every check of one phase; one red check fails the update. */
export class Checks extends pulumi.ComponentResource {
  readonly run: guest.Checks;

  constructor(name: string, args: ChecksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:Checks", name, {}, opts);
    this.run = new guest.Checks(
      `${name}-run`,
      {
        connection: args.machine.connection,
        appliance: args.appliance.name,
        phase: args.phase,
        checks: args.appliance.checks.filter(({ phases }) => phases.includes(args.phase)),
        timeoutSeconds: args.timeoutSeconds,
        machineName: name,
        triggers: { instance: args.machine.instanceId },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
