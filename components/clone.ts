import * as guest from "@ossea/guest";
import * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Access } from "../inputs/access.ts";
import type { Placement } from "../inputs/placement.ts";
import { reach } from "./access.ts";
import type { Connection, MachineAccess } from "./machine-access.ts";

export interface CloneArgs {
  placement: Placement;
  networkId: pulumi.Input<string>;
  access: Access;
  /** Those that the appliance offers. */
  ports: readonly number[];
  template: cloudstack.Template;
  /** Who logs in to the appliance with the key that is made here. */
  operator: string;
  rootDiskGiB: number;
  sshTimeoutSeconds: number;
  tags: Record<string, string>;
}

/**
 * An appliance started from the template, with identities of its own. Its host key is born on its first boot; it signs
 * that key with a token which only this instance was told, so the first connection is not taken on trust.
 */
export class Clone extends pulumi.ComponentResource implements MachineAccess {
  readonly connection: pulumi.Output<Connection>;
  readonly instanceId: pulumi.Output<string>;
  readonly host: pulumi.Output<string>;
  readonly hostKey: pulumi.Output<string>;
  readonly key: guest.SshKey;

  constructor(name: string, args: CloneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:Clone", name, {}, opts);
    const parent = { parent: this };
    this.key = new guest.SshKey(`${name}-key`, { comment: args.operator }, parent);
    const keyPair = new cloudstack.SshKeyPair(`${name}-key-pair`, { publicKey: this.key.publicKey }, parent);
    const token = new random.RandomId(
      `${name}-attestation-token`,
      { byteLength: 32, keepers: { template: args.template.id } },
      { ...parent, additionalSecretOutputs: ["hex"] },
    );
    const instance = new cloudstack.Instance(
      `${name}-instance`,
      {
        zoneId: args.placement.zoneId,
        serviceOfferingId: args.placement.serviceOfferingId,
        templateId: args.template.id,
        networkIds: [args.networkId],
        rootDiskSize: args.rootDiskGiB,
        keyPairs: [keyPair.name],
        userData: pulumi.secret(pulumi.interpolate`ossea-attestation-token: ${token.hex}\n`),
        tags: args.tags,
      },
      parent,
    );
    const { host, proxy } = reach(
      `${name}-entrance`,
      instance,
      args.networkId,
      args.access,
      args.ports,
      this,
    );
    this.host = host;
    const login = {
      host,
      user: args.operator,
      privateKey: this.key.privateKey,
      ...(proxy && { proxy }),
    };
    const ready = new guest.SshReady(
      `${name}-ready`,
      {
        connection: login,
        attestationToken: token.hex,
        timeoutSeconds: args.sshTimeoutSeconds,
        triggers: { instance: instance.id },
      },
      parent,
    );
    this.hostKey = ready.hostKey;
    this.connection = pulumi.secret(pulumi.output({ ...login, hostKey: ready.hostKey }));
    this.instanceId = instance.id;
    this.registerOutputs({ instanceId: this.instanceId });
  }
}
