import * as guest from "@ossea/guest";
import * as pulumi from "@pulumi/pulumi";
import type { Check, Phase, Waiver } from "../appliances/checks/types.ts";
import type { Appliance } from "../appliances/types.ts";
import { asked } from "../inputs/asked-checks.ts";
import type { MachineAccess } from "./machine-access.ts";

/** What all runs of one proof have in common. */
export interface Judging {
  appliance: Appliance;
  /** How long a booting machine may take until its checks are green. */
  timeoutSeconds: number;
  waivers: readonly (Waiver & { check: string })[];
  /** Where runs are kept and reported. */
  report: ReportOfRuns;
}

export interface ReportOfRuns {
  directory: string;
  appliance: string;
  title: string;
  fingerprint: Readonly<Record<string, string>>;
}

export interface ChecksArgs extends Judging {
  machine: MachineAccess;
  phase: Phase;
  /** Checks of this machine alone. */
  also?: readonly Check[];
}

/** A run of something that judges machines, as the report names it. */
export interface JudgedRun {
  label: string;
  run: guest.Checks | guest.TwinComparison;
}

/** Looks at the machine with every check of one phase; one red check fails the update. */
export class Checks extends pulumi.ComponentResource {
  readonly run: guest.Checks;

  constructor(name: string, args: ChecksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:Checks", name, {}, opts);
    const { appliance, phase, waivers, report, also = [] } = args;
    this.run = new guest.Checks(
      `${name}-run`,
      {
        connection: args.machine.connection,
        appliance: appliance.name,
        phase,
        checks: asked([...appliance.checks, ...also]).filter(({ phases }) => phases.includes(phase)),
        timeoutSeconds: args.timeoutSeconds,
        machineName: name,
        waivers: [...waivers],
        report: { ...report },
        triggers: { instance: args.machine.instanceId },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
