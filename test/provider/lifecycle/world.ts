/** What the resources under test need around them: found at the endpoint, or made there and taken away again. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Client, Fields, Json } from "../../lab/support/client.ts";

/** All that these tests make has names that begin so. */
export const testPrefix = "ossea-test-";

export interface World {
  /** Of this run. */
  prefix: string;
  zoneId: string;
  otherZoneId: string | undefined;
  serviceOfferingId: string;
  diskOfferingId: string;
  osTypeId: string;
  isolated: string;
  otherOffering: string | undefined;
  networkId: string;
  addressId: string;
  otherAddressId: string;
  instanceId: string;
  otherInstanceId: string;
  stoppedInstanceId: string;
  /** Of the instance that is stopped. */
  rootVolumeId: string;
  volumeId: string;
  templateId: string;
  /** Of a disk image that the cloud can fetch. */
  imageUrl: string | undefined;
}

/** Names of what is to be taken where the first fitting one is not right. */
const wishes = z.object({
  CLOUDSTACK_TEST_ZONE: z.string().optional(),
  CLOUDSTACK_TEST_TEMPLATE: z.string().optional(),
  CLOUDSTACK_TEST_SERVICE_OFFERING: z.string().optional(),
  CLOUDSTACK_TEST_DISK_OFFERING: z.string().optional(),
  CLOUDSTACK_TEST_NETWORK_OFFERING: z.string().optional(),
  CLOUDSTACK_TEST_TEMPLATE_URL: z.string().optional(),
});
export type Wishes = z.infer<typeof wishes>;

export const wishesIn = (environment: NodeJS.ProcessEnv): Wishes => wishes.parse(environment);

const neededServices = ["SourceNat", "StaticNat", "PortForwarding", "Firewall"];

/** Of what one run makes. */
export const newPrefix = () => `${testPrefix}${randomBytes(2).toString("hex")}`;

export async function makeWorld(cloud: Client, prefix: string, wish: Wishes): Promise<World> {
  const zones = await rowsOf(cloud, "listZones", { available: true });
  const zone = chosen("zone", zones, wish.CLOUDSTACK_TEST_ZONE, (row) => row.networktype === "Advanced");
  const zoneid = zone.id;
  const templates = await rowsOf(cloud, "listTemplates", { templatefilter: "executable", zoneid });
  const base = chosen("template", templates, wish.CLOUDSTACK_TEST_TEMPLATE, (row) => row.isready);
  const offerings = (await rowsOf(cloud, "listServiceOfferings", { zoneid })).sort(
    (a, b) => a.memory - b.memory,
  );
  const fixed = (row: Json) => !row.iscustomized && row.memory >= 512;
  const offering = chosen("service offering", offerings, wish.CLOUDSTACK_TEST_SERVICE_OFFERING, fixed);
  const disks = await rowsOf(cloud, "listDiskOfferings", { zoneid });
  const disk = chosen("disk offering", disks, wish.CLOUDSTACK_TEST_DISK_OFFERING, (row) => row.iscustomized);
  const networks = await rowsOf(cloud, "listNetworkOfferings", {
    zoneid,
    guestiptype: "Isolated",
    forvpc: false,
  });
  const routed = (row: Json) => {
    const names = row.service.map(({ name }: Json) => name);
    return (row.state ?? "Enabled") === "Enabled" && neededServices.every((name) => names.includes(name));
  };
  const isolated = chosen("network offering", networks, wish.CLOUDSTACK_TEST_NETWORK_OFFERING, routed);

  const named = { zoneid, name: `${prefix}-world`, displaytext: `${prefix}-world` };
  const { network } = await cloud.call("createNetwork", { ...named, networkofferingid: isolated.id });
  const address = async () =>
    (await cloud.job("associateIpAddress", { networkid: network.id })).ipaddress.id as string;
  const deploy = async (name: string) => {
    const result = await cloud.job("deployVirtualMachine", {
      zoneid,
      templateid: base.id,
      serviceofferingid: offering.id,
      networkids: network.id,
      name: `${prefix}-${name}`,
    });
    return result.virtualmachine.id as string;
  };
  const stoppedInstanceId = await deploy("stopped");
  await cloud.job("stopVirtualMachine", { id: stoppedInstanceId });
  const [rootVolume] = await rowsOf(cloud, "listVolumes", { virtualmachineid: stoppedInstanceId });
  const volume = { zoneid, name: `${prefix}-data`, diskofferingid: disk.id, size: 5 };
  const captured = { name: `${prefix}-captured`, displaytext: "t", ostypeid: base.ostypeid };
  return {
    prefix,
    zoneId: zoneid,
    otherZoneId: zones.find(({ id }) => id !== zoneid)?.id,
    serviceOfferingId: offering.id,
    diskOfferingId: disk.id,
    osTypeId: base.ostypeid,
    isolated: isolated.id,
    otherOffering: networks.find((row) => row.id !== isolated.id && routed(row))?.id,
    networkId: network.id,
    addressId: await address(),
    otherAddressId: await address(),
    instanceId: await deploy("one"),
    otherInstanceId: await deploy("two"),
    stoppedInstanceId,
    rootVolumeId: rootVolume.id,
    volumeId: (await cloud.job("createVolume", volume)).volume.id,
    templateId: (await cloud.job("createTemplate", { ...captured, volumeid: rootVolume.id })).template.id,
    imageUrl: wish.CLOUDSTACK_TEST_TEMPLATE_URL,
  };
}

export interface Leftover {
  kind: string;
  name: string;
  id: string;
}

interface Sweep {
  kind: string;
  list: string;
  fields?: Fields;
  remove(row: Json): [command: string, fields: Fields];
}

/** In an order in which they can be removed; what belongs to a network or an instance goes with it. */
const sweeps: readonly Sweep[] = [
  {
    kind: "instance",
    list: "listVirtualMachines",
    remove: ({ id }) => ["destroyVirtualMachine", { id, expunge: true }],
  },
  { kind: "volume", list: "listVolumes", fields: { type: "DATADISK" }, remove: byId("deleteVolume") },
  { kind: "volume snapshot", list: "listSnapshots", remove: byId("deleteSnapshot") },
  {
    kind: "template",
    list: "listTemplates",
    fields: { templatefilter: "self" },
    remove: byId("deleteTemplate"),
  },
  { kind: "network", list: "listNetworks", remove: byId("deleteNetwork") },
  { kind: "affinity group", list: "listAffinityGroups", remove: byId("deleteAffinityGroup") },
  { kind: "security group", list: "listSecurityGroups", remove: byId("deleteSecurityGroup") },
  { kind: "user data", list: "listUserData", remove: byId("deleteUserData") },
  {
    kind: "key pair",
    list: "listSSHKeyPairs",
    remove: ({ name }) => ["deleteSSHKeyPair", { name }],
  },
];

function byId(command: string) {
  return ({ id }: Json): [string, Fields] => [command, { id }];
}

/** Everything at the endpoint whose name begins with the prefix. */
export async function leftovers(cloud: Client, prefix: string): Promise<Leftover[]> {
  const found = await Promise.all(sweeps.map((sweep) => swept(cloud, sweep, prefix)));
  return found.flatMap((rows, index) =>
    rows.map(({ id, name }) => ({ kind: sweeps[index]?.kind ?? "", name, id: id ?? name })),
  );
}

export async function removeAll(cloud: Client, prefix: string): Promise<void> {
  for (const sweep of sweeps) {
    const ids = new Set<string>();
    for (const row of await swept(cloud, sweep, prefix)) {
      if (ids.has(row.id)) continue;
      ids.add(row.id);
      const [command, fields] = sweep.remove(row);
      const { jobid } = await cloud.call(command, fields);
      if (jobid) await cloud.done(jobid);
    }
  }
}

async function swept(cloud: Client, { list, fields }: Sweep, prefix: string): Promise<Json[]> {
  const rows = await rowsOf(cloud, list, fields);
  return rows.filter(({ name, displaytext }) =>
    [name, displaytext].some((text) => typeof text === "string" && text.startsWith(prefix)),
  );
}

export async function rowsOf(cloud: Client, command: string, fields: Fields = {}): Promise<Json[]> {
  const answer = await cloud.call(command, fields);
  return (Object.values(answer).find(Array.isArray) ?? []) as Json[];
}

function chosen(
  kind: string,
  rows: readonly Json[],
  wanted: string | undefined,
  fits: (row: Json) => boolean,
): Json {
  const found = rows.find((row) => (wanted === undefined ? fits(row) : row.name === wanted));
  if (found) return found;
  const names = rows.map(({ name }) => name).join(", ");
  throw new Error(`no ${kind} ${wanted ?? "that fits"} at this endpoint; there are: ${names || "none"}`);
}
