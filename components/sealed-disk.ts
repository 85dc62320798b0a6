import * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";
import type { MachineAccess } from "./machine-access.ts";

export interface SealedDiskArgs {
  template: cloudstack.Template;
  /** The running machine that gets the disk, to read it. */
  reader: MachineAccess;
  tags: Record<string, string>;
}

/**
 * The sealed disk as data: a snapshot of the very volume that was captured, as a further disk of another machine. It is
 * the state that a template holds: after the last shutdown, before any first boot. Every CloudStack can do this with
 * its own commands, and no tool on the user's computer has to read file systems.
 */
export class SealedDisk extends pulumi.ComponentResource {
  constructor(name: string, args: SealedDiskArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:SealedDisk", name, {}, opts);
    const parent = { parent: this };
    const { template, reader, tags } = args;
    const snapshot = new cloudstack.VolumeSnapshot(
      `${name}-snapshot`,
      { volumeId: template.sourceVolumeId, tags },
      { ...parent, dependsOn: [template], customTimeouts: { create: "2h" } },
    );
    const volume = new cloudstack.Volume(`${name}-volume`, { snapshotId: snapshot.id, tags }, parent);
    new cloudstack.VolumeAttachment(
      `${name}-attachment`,
      { volumeId: volume.id, instanceId: reader.instanceId },
      parent,
    );
    this.registerOutputs();
  }
}
