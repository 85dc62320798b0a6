import * as guest from "@ossea/guest";
import * as pulumi from "@pulumi/pulumi";
import type { Appliance } from "../appliances/types.ts";
import { stepsFolder } from "../inputs/sources.ts";
import { chain } from "./chain.ts";
import type { MachineAccess } from "./machine-access.ts";

export interface ServicesArgs {
  machine: MachineAccess;
  appliance: Appliance;
}

/** Installs and enables the units, then starts each one when those it comes after have shown that they work. */
export class Services extends pulumi.ComponentResource {
  constructor(name: string, args: ServicesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:Services", name, {}, opts);
    const { machine, appliance } = args;
    const installed = chain(this, name, machine, [unitsLink(appliance)]);
    const started = new Map<string, pulumi.Resource>();
    for (const unit of appliance.units) {
      const before = unit.after.flatMap((earlier) => started.get(earlier) ?? []);
      started.set(
        unit.name,
        new guest.Service(
          `${name}-${unit.name.replace(/\.service$/, "")}`,
          {
            connection: machine.connection,
            unit: unit.name,
            gate: { ...unit.ready },
            triggers: { instance: machine.instanceId },
          },
          { parent: this, dependsOn: [...(installed ? [installed] : []), ...before] },
        ),
      );
    }
    this.registerOutputs();
  }
}

/** Puts the units in their place, and says which of them start with the machine. */
export function unitsLink(appliance: Appliance) {
  return {
    name: "install-units",
    script: `${stepsFolder}/install-units.sh`,
    parameters: [
      ...appliance.units.flatMap((unit) => (unit.from ? [`unit=${unit.name}|${unit.from}`] : [])),
      ...appliance.units.flatMap((unit) => (unit.enabled ? [`enable=${unit.name}`] : [])),
      ...appliance.maskedUnits.map((unit) => `mask=${unit}`),
    ],
  };
}
