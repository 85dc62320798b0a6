import * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkChoice, Placement } from "../inputs/placement.ts";

/** The network of the stack's machines: one that is there, or one that comes and goes with the stack. */
export function machineNetwork(name: string, { zoneId, network }: Placement): pulumi.Output<string> {
  switch (network.kind) {
    case "given":
      return pulumi.output(network.id);
    case "made":
      return new MachineNetwork(name, { zoneId, network }).id;
  }
}

interface MachineNetworkArgs {
  zoneId: string;
  network: NetworkChoice & { kind: "made" };
}

/** Machines fetch packages while they are built: where the offering lets nothing out, a rule does. */
class MachineNetwork extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;

  constructor(name: string, { zoneId, network }: MachineNetworkArgs) {
    super("ossea:appliance:MachineNetwork", name, {});
    const parent = { parent: this };
    const made = new cloudstack.Network(
      `${name}-network`,
      { zoneId, networkOfferingId: network.offeringId, displayText: name },
      parent,
    );
    const egress = network.egressAllowed
      ? []
      : [
          new cloudstack.EgressFirewallRule(
            `${name}-egress`,
            { networkId: made.id, protocol: "all" },
            parent,
          ),
        ];
    this.id = pulumi.all(egress.map(({ id }) => id)).apply(() => made.id);
    this.registerOutputs({ id: this.id });
  }
}
