/** What the cloud does with a machine: boot it, halt it, remove it. Each act holds the machine's lock. */
import { type Hypervisor, hypervisors, type MachineDriver, type MachineSpec } from "../machines/driver.ts";
import type { GuestNetworkSpec, GuestRecord } from "../network/network.ts";
import type { Cloud } from "./cloud.ts";
import { runtimeFault } from "./failure.ts";
import type { Instance, Network } from "./model.ts";
import { enforce, implement, isIsolated } from "./networks.ts";

export function specOf(cloud: Cloud, instance: Instance): MachineSpec {
  const offering = cloud.store.need("serviceOfferings", instance.serviceOfferingId);
  return {
    id: instance.id,
    name: instance.name,
    hypervisor: wantedHypervisor(instance),
    layers: instance.layers,
    cpu: offering.cpu,
    memoryMiB: offering.memoryMiB,
    rootDiskGiB: instance.rootDiskGiB,
    nics: instance.nics.map((nic) => {
      const network = cloud.store.need("networks", nic.networkId);
      return {
        networkId: nic.networkId,
        mac: nic.mac,
        ipAddress: nic.ipAddress,
        netmask: network.netmask,
        gateway: network.gateway,
      };
    }),
  };
}

/** Detail of a template or an instance: what runs its machines, where that is not what the lab takes for all. */
export const hypervisorDetail = "lab.hypervisor";

/** What runs its machine. */
export function hypervisorOf({ driver }: Cloud, instance: Instance): MachineDriver["name"] {
  return driver.name === "none" ? driver.name : (wantedHypervisor(instance) ?? driver.name);
}

function wantedHypervisor({ details }: Instance): Hypervisor | undefined {
  const wanted = details[hypervisorDetail];
  if (wanted === undefined) return undefined;
  const known = hypervisors.find((name) => name === wanted);
  if (known) return known;
  throw runtimeFault(`detail ${hypervisorDetail} is ${wanted}; the lab has: ${hypervisors.join(", ")}`);
}

/** Guests of an isolated network leave by its rules, which are no matter of the router's cables. */
export function networkSpecOf(cloud: Cloud, network: Network): GuestNetworkSpec {
  const { id, cidr, gateway, domain } = network;
  const egress = network.egress || isIsolated(cloud, network);
  return { id, cidr, gateway, domain, egress };
}

/** Publishes the guest, makes its disk where there is none, and starts it. */
export function boot(cloud: Cloud, instanceId: string, password?: string): Promise<void> {
  return cloud.machines.hold(instanceId, async () => {
    const instance = cloud.store.need("instances", instanceId);
    await cloud.prepareLayers(instance.layers);
    await publish(cloud, instance, password);
    const spec = specOf(cloud, instance);
    await cloud.driver.create(spec);
    await cloud.driver.start(spec);
  });
}

/** A clean shutdown, or the plug pulled at once. */
export function halt(cloud: Cloud, instanceId: string, forced: boolean): Promise<void> {
  return cloud.machines.hold(instanceId, () =>
    forced ? cloud.driver.kill(instanceId) : cloud.driver.stop(instanceId, cloud.stopGraceSeconds),
  );
}

/** Nothing of the machine stays: process, disk, lease. */
export function erase(cloud: Cloud, instance: Instance): Promise<void> {
  return cloud.machines.hold(instance.id, async () => {
    await cloud.driver.kill(instance.id);
    for (const nic of instance.nics) await cloud.networks.withdraw(nic.networkId, instance.id);
    await cloud.driver.remove(instance.id);
  });
}

/** Lease, name, metadata and the host's way in; asked again after a restart it changes nothing. */
export async function publish(cloud: Cloud, instance: Instance, password?: string): Promise<void> {
  for (const [card, nic] of instance.nics.entries()) {
    const network = cloud.store.need("networks", nic.networkId);
    if (network.state === "Allocated") implement(cloud, network);
    await cloud.networks.ensureNetwork(networkSpecOf(cloud, network));
    await enforce(cloud, network.id);
    await cloud.networks.publish(network.id, guestRecord(cloud, instance, card, password));
  }
}

function guestRecord(
  cloud: Cloud,
  instance: Instance,
  card: number,
  password: string | undefined,
): GuestRecord {
  const nic = instance.nics[card];
  if (!nic) throw new Error(`instance ${instance.name} has no network card ${card}`);
  const publicKeys = instance.details["SSH.PublicKey"];
  return {
    instanceId: instance.id,
    name: instance.name,
    mac: nic.mac,
    ipAddress: nic.ipAddress,
    ...(card === 0 ? {} : { further: true }),
    ...(instance.publicIp === undefined || card > 0 ? {} : { publicAddress: instance.publicIp }),
    ...(instance.userData === undefined ? {} : { userData: instance.userData }),
    ...(publicKeys ? { publicKeys } : {}),
    ...(password === undefined ? {} : { password }),
    zone: cloud.zoneNamed(instance.zoneId).name,
    serviceOffering: cloud.store.need("serviceOfferings", instance.serviceOfferingId).name,
  };
}
