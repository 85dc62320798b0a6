/** How a machine is reached from the computer that runs this, as the stack's configuration says. */
import * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";
import type { Access } from "../inputs/access.ts";
import type { Connection } from "./machine-access.ts";

export interface Reached {
  host: pulumi.Output<string>;
  /** A machine to go through, where there is one. */
  proxy?: Connection;
}

/** @param ports those that this computer needs */
export function reach(
  name: string,
  instance: cloudstack.Instance,
  networkId: pulumi.Input<string>,
  access: Access,
  ports: readonly number[],
  parent: pulumi.Resource,
): Reached {
  switch (access.kind) {
    case "direct":
      return { host: addressOf(instance) };
    case "portForwarding":
      return { host: new PublicEntrance(name, { instance, networkId, access, ports }, { parent }).host };
    case "bastion":
      return { host: instance.ipAddress, proxy: access.bastion };
  }
}

interface PublicEntranceArgs {
  instance: cloudstack.Instance;
  networkId: pulumi.Input<string>;
  access: Access & { kind: "portForwarding" };
  ports: readonly number[];
}

/**
 * A public address of the isolated network whose ports lead to the same ports of the machine, open to the networks that
 * the configuration names and to nobody else.
 */
class PublicEntrance extends pulumi.ComponentResource {
  readonly host: pulumi.Output<string>;

  constructor(name: string, args: PublicEntranceArgs, opts: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:PublicEntrance", name, {}, opts);
    const parent = { parent: this };
    const address = new cloudstack.PublicIpAddress(`${name}-address`, { networkId: args.networkId }, parent);
    const rules = args.ports.flatMap((port) => [
      new cloudstack.FirewallRule(
        `${name}-allow-${port}`,
        {
          ipAddressId: address.id,
          protocol: "tcp",
          startPort: port,
          endPort: port,
          cidrs: [...args.access.cidrs],
        },
        parent,
      ),
      new cloudstack.PortForwardingRule(
        `${name}-forward-${port}`,
        {
          ipAddressId: address.id,
          protocol: "tcp",
          publicPort: port,
          privatePort: port,
          instanceId: args.instance.id,
        },
        parent,
      ),
    ]);
    // Whoever uses the address waits until its rules are there.
    this.host = pulumi.all(rules.map(({ id }) => id)).apply(() => address.ipAddress);
    this.registerOutputs({ host: this.host });
  }
}

/** On networks that give one the public address, else the guest's own. */
function addressOf(instance: cloudstack.Instance): pulumi.Output<string> {
  return pulumi
    .all([instance.publicIpAddress, instance.ipAddress])
    .apply(([publicAddress, address]) => publicAddress ?? address);
}
