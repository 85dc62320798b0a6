/**
 * Where a machine will run, looked up in the cloud by the names of the configuration. All names are asked, then every
 * fault is reported at once, before anything is created.
 */
import * as cloudstack from "@pulumi/cloudstack";
import { Problem, Problems, problemIn } from "../common/problem.ts";
import type { Settings } from "../config.ts";
import type { BaseTemplate } from "./fingerprint.ts";

export interface Placement {
  zoneId: string;
  zoneName: string;
  network: NetworkChoice;
  serviceOfferingId: string;
  base: BaseTemplate & { osTypeId: string };
}

export type NetworkChoice =
  | { kind: "given"; id: string }
  /** One is made of this offering. */
  | { kind: "made"; offeringId: string; egressAllowed: boolean };

/** @throws Problems naming each zone, network, offering or template that cannot be used */
export async function findPlacement(settings: Settings): Promise<Placement> {
  const zone = await cloudstack
    .getZone({ name: settings.zone })
    .catch((error: unknown) => refuse(settings, [error]));
  const zoneId = zone.id;
  const [firstChoice = "", ...alternatives] = settings.baseTemplates;
  const [network, offering, base] = await Promise.allSettled([
    findNetwork(settings, zoneId),
    cloudstack.getServiceOffering({ name: settings.serviceOffering, zoneId }),
    cloudstack.getTemplate({ name: firstChoice, alternatives, zoneId }),
  ]);
  if (network.status === "rejected" || offering.status === "rejected" || base.status === "rejected") {
    return refuse(
      settings,
      [network, offering, base].flatMap((lookup) => (lookup.status === "rejected" ? [lookup.reason] : [])),
    );
  }
  const faults = tooSmall(settings, offering.value);
  if (faults.length > 0) return refuse(settings, faults);
  return {
    zoneId,
    zoneName: zone.name,
    network: network.value,
    serviceOfferingId: offering.value.id,
    base: base.value,
  };
}

async function findNetwork(settings: Settings, zoneId: string): Promise<NetworkChoice> {
  const { network, networkOffering = "" } = settings;
  if (network !== undefined) {
    const { id } = await cloudstack.getNetwork({ name: network, zoneId });
    return { kind: "given", id };
  }
  const offering = await cloudstack.getNetworkOffering({ name: networkOffering });
  return { kind: "made", offeringId: offering.id, egressAllowed: offering.egressAllowed };
}

function tooSmall(settings: Settings, offering: cloudstack.GetServiceOfferingResult): Problem[] {
  const { machine, title } = settings.appliance;
  const given = `${offering.cpuNumber} vCPU, ${offering.memory / 1024} GiB`;
  const needed = `${machine.cpu} vCPU, ${machine.memoryGiB} GiB`;
  if (offering.cpuNumber >= machine.cpu && offering.memory >= machine.memoryGiB * 1024) return [];
  return [
    new Problem({
      what: "service offering too small",
      object: settings.serviceOffering,
      because: `it has ${given}, ${title} needs ${needed}`,
      next: `pulumi config set serviceOffering NAME -s ${settings.stack}`,
    }),
  ];
}

function refuse(settings: Settings, reasons: readonly unknown[]): never {
  throw new Problems(
    `Stack ${settings.stack} cannot be placed in the cloud`,
    reasons.map((reason) => (reason instanceof Problem ? reason : lookupFailed(settings, reason))),
  );
}

/** A provider's words arrive as the text of an error. */
function lookupFailed(settings: Settings, reason: unknown): Problem {
  const told = reason instanceof Error ? problemIn(reason.message) : undefined;
  if (told) return told;
  return new Problem({
    what: "look-up refused",
    object: `the cloud of stack ${settings.stack}`,
    because: reason instanceof Error ? reason.message : String(reason),
    next: `npm run doctor -- --stack ${settings.stack}`,
    cause: reason,
  });
}
