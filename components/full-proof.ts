import * as guest from "@ossea/guest";
import type * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";
import { rootDiskCheck } from "../appliances/checks/root-disk.ts";
import { asked } from "../inputs/asked-checks.ts";
import { Checks, type JudgedRun, type Judging } from "./checks.ts";
import { Clone, type CloneArgs } from "./clone.ts";
import type { MachineAccess } from "./machine-access.ts";
import { SealedDisk } from "./sealed-disk.ts";

export interface FullProofArgs {
  judging: Judging;
  template: cloudstack.Template;
  clone: Clone;
  /** The first clone's own checks. */
  proved: Checks;
  /** Of which the twin is another, with a larger disk. */
  cloneArgs: CloneArgs;
}

/** So many GiB more than the template's disk has the twin. */
const growthGiB = 8;

/**
 * What one clone cannot show. A twin with a larger disk runs beside the first clone: the two are compared, the root
 * file system must have grown, and through it the sealed disk is read as nobody runs it. Then the first clone is
 * restarted and looked at again. The twin is switched off in the end.
 */
export class FullProof extends pulumi.ComponentResource {
  readonly runs: readonly JudgedRun[];
  readonly restart: guest.Restart;

  constructor(name: string, args: FullProofArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:FullProof", name, {}, opts);
    const { judging, template, clone, proved, cloneArgs } = args;
    const rootDiskGiB = cloneArgs.rootDiskGiB + growthGiB;
    const twin = new Clone(`${name}-twin`, { ...cloneArgs, rootDiskGiB }, { parent: this });
    const sealedDisk = new SealedDisk(
      `${name}-sealed-disk`,
      { template, reader: twin, tags: cloneArgs.tags },
      { parent: this },
    );
    const judged = (
      run: string,
      machine: MachineAccess,
      phase: "sealed" | "clone" | "reboot",
      gib: number,
      dependsOn: pulumi.Resource[],
    ) =>
      new Checks(
        `${name}-${run}`,
        { ...judging, machine, phase, also: [rootDiskCheck(gib)] },
        { parent: this, dependsOn },
      ).run;

    const sealed = judged("sealed", twin, "sealed", rootDiskGiB, [sealedDisk]);
    const grown = judged("twin-checks", twin, "clone", rootDiskGiB, []);
    const compared = new guest.TwinComparison(
      `${name}-comparison`,
      {
        connections: [clone.connection, twin.connection],
        script: "assets/common/checks/machine-facts.sh",
        checks: asked(judging.appliance.twins),
        phase: "twins",
        machineName: `${name}-comparison`,
        waivers: [...judging.waivers],
        report: { ...judging.report },
        triggers: { clone: clone.instanceId, twin: twin.instanceId },
      },
      { parent: this, dependsOn: [grown, proved] },
    );
    this.restart = new guest.Restart(
      `${name}-restart`,
      {
        connection: clone.connection,
        machineName: name,
        timeoutSeconds: cloneArgs.sshTimeoutSeconds,
        triggers: { clone: clone.instanceId },
      },
      { parent: this, dependsOn: [compared] },
    );
    const again = judged("again", clone, "reboot", cloneArgs.rootDiskGiB, [this.restart]);
    new guest.PowerOff(
      `${name}-twin-off`,
      { connection: twin.connection, machineName: `${name}-twin`, triggers: { twin: twin.instanceId } },
      { parent: this, dependsOn: [sealed, compared] },
    );
    this.runs = [
      { label: "sealed", run: sealed },
      { label: "twin", run: grown },
      { label: "compared", run: compared },
      { label: "restarted", run: again },
    ];
    this.registerOutputs();
  }
}
