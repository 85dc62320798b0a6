import * as guest from "@ossea/guest";
import * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";
import type { Access } from "../inputs/access.ts";
import type { Fingerprint } from "../inputs/fingerprint.ts";
import type { Placement } from "../inputs/placement.ts";
import { reach } from "./access.ts";
import { buildUser, userDataOf } from "./build-user-data.ts";
import type { Connection, MachineAccess } from "./machine-access.ts";

export interface BuildMachineArgs {
  placement: Placement;
  networkId: pulumi.Input<string>;
  access: Access;
  rootDiskGiB: number;
  /** Any moved input replaces the machine: a build always starts from a clean one. */
  fingerprint: Fingerprint;
  sshTimeoutSeconds: number;
  /** Stands in the comments of the keys that are made here. */
  marker: pulumi.Input<string>;
  tags: Record<string, string>;
}

/**
 * A clean instance of the base template, reached by a key and a host key that were made here and handed over as user
 * data. No key pair of the cloud is used: CloudStack would copy it into the template.
 */
export class BuildMachine extends pulumi.ComponentResource implements MachineAccess {
  readonly connection: pulumi.Output<Connection>;
  readonly instanceId: pulumi.Output<string>;
  /** What must not be in a template of this machine, by names for messages. */
  readonly forbiddenTexts: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: BuildMachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:BuildMachine", name, {}, opts);
    const parent = { parent: this };
    const key = new guest.SshKey(
      `${name}-key`,
      { comment: pulumi.interpolate`appliance build ${args.marker}` },
      parent,
    );
    const hostComment = pulumi.interpolate`appliance build host ${args.marker}`;
    const hostKey = new guest.SshKey(`${name}-host-key`, { comment: hostComment }, parent);
    const instance = new cloudstack.Instance(
      `${name}-instance`,
      {
        zoneId: args.placement.zoneId,
        serviceOfferingId: args.placement.serviceOfferingId,
        templateId: args.placement.base.id,
        networkIds: [args.networkId],
        rootDiskSize: args.rootDiskGiB,
        userData: pulumi.secret(
          pulumi
            .all([key.publicKey, hostKey.privateKey, hostKey.publicKey])
            .apply(([access, hostPrivate, hostPublic]) => userDataOf(access, hostPrivate, hostPublic)),
        ),
        tags: args.tags,
        triggers: args.fingerprint,
      },
      // What could be changed in place would leave the traces of another machine in the template.
      { ...parent, replaceOnChanges: ["rootDiskSize", "userData", "serviceOfferingId"] },
    );
    const { host, proxy } = reach(`${name}-entrance`, instance, args.networkId, args.access, [22], this);
    const connection = {
      host,
      user: buildUser,
      privateKey: key.privateKey,
      hostKey: hostKey.publicKey,
      ...(proxy && { proxy }),
    };
    const ready = new guest.SshReady(
      `${name}-ready`,
      {
        connection,
        waitForCloudInit: true,
        timeoutSeconds: args.sshTimeoutSeconds,
        triggers: { instance: instance.id },
      },
      parent,
    );
    // The pinned host key as the machine showed it: whoever uses the connection waits until the machine is ready.
    this.connection = pulumi.secret(pulumi.output({ ...connection, hostKey: ready.hostKey }));
    this.instanceId = instance.id;
    this.forbiddenTexts = {
      "the builder's private key": secretPart(key),
      "the build machine's private host key": secretPart(hostKey),
    };
    this.registerOutputs({ instanceId: this.instanceId });
  }
}

/** Of the key's text the line that holds the secret number: the first ones are the same in every key. */
function secretPart({ privateKey }: guest.SshKey): pulumi.Output<string> {
  return pulumi.secret(privateKey.apply((text) => text.split("\n")[4] ?? ""));
}
