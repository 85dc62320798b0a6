/** A new instance: its rows at once, its machine in a job. What a failed deployment made is taken away again. */
import { randomBytes } from "node:crypto";
import { wordsOf } from "../errors.ts";
import { freeAddress } from "./addresses.ts";
import type { Cloud } from "./cloud.ts";
import { ApiError, failureWords, runtimeFault } from "./failure.ts";
import { derivedId } from "./ids.ts";
import type { Plan } from "./jobs.ts";
import { boot, erase } from "./machines.ts";
import type { Instance, Network, ServiceOffering, Template } from "./model.ts";
import { apiTime } from "./time.ts";

export interface NewInstance {
  id: string;
  accountId: string;
  /** Who asks for it. */
  userId: string | undefined;
  zoneId: string;
  name: string;
  displayName: string;
  template: Template;
  offering: ServiceOffering;
  networks: readonly Network[];
  /** In each of the networks, where the caller chose one. */
  ipAddresses: readonly (string | undefined)[];
  /** In the first network, where the caller chose one. */
  mac: string | undefined;
  /** Name of the group that it is in. */
  group: string | undefined;
  rootDiskGiB: number;
  details: Readonly<Record<string, string>>;
  userData: string | undefined;
  /** The registered one that `userData` is of. */
  userDataId: string | undefined;
  affinityGroupIds: readonly string[];
  securityGroupIds: readonly string[];
}

/** Rows of instance and root volume; inside the command's transaction. */
export function createInstanceRows(cloud: Cloud, wanted: NewInstance): Instance {
  const { store } = cloud;
  const { template, offering } = wanted;
  const created = apiTime();
  const number = store.nextNumber("instances");
  const places = wanted.networks.map((network, index) => ({
    network,
    address: freeAddress(cloud, network, wanted.ipAddresses[index]),
  }));
  const first = places[0];
  if (!first) throw new Error("an instance without a network");
  const instance: Instance = {
    id: wanted.id,
    number,
    name: wanted.name,
    displayName: wanted.displayName,
    ...(wanted.group === undefined ? {} : { group: wanted.group }),
    accountId: wanted.accountId,
    ...(wanted.userId === undefined ? {} : { userId: wanted.userId }),
    state: "Stopped",
    zoneId: wanted.zoneId,
    templateId: template.id,
    serviceOfferingId: offering.id,
    osTypeId: template.osTypeId,
    nics: places.map(({ network, address }, index) => ({
      id: derivedId(wanted.id, `nic ${index}`),
      networkId: network.id,
      mac: (index === 0 ? wanted.mac : undefined) ?? address.mac,
      ipAddress: address.ipAddress,
    })),
    ...(first.address.publicIp === undefined
      ? {}
      : { publicIpId: derivedId(wanted.id, "public address"), publicIp: first.address.publicIp }),
    ...(wanted.affinityGroupIds.length === 0 ? {} : { affinityGroupIds: wanted.affinityGroupIds }),
    ...(wanted.securityGroupIds.length === 0 ? {} : { securityGroupIds: wanted.securityGroupIds }),
    ...(wanted.userDataId === undefined ? {} : { userDataId: wanted.userDataId }),
    layers: template.layers,
    rootDiskGiB: wanted.rootDiskGiB,
    // For as long as the deployment goes on: one that failed or was never started keeps it.
    details: { ...wanted.details, deployvm: "true" },
    ...(wanted.userData === undefined ? {} : { userData: wanted.userData }),
    passwordEnabled: template.passwordEnabled,
    deleteProtection: false,
    defaultUser: template.defaultUser,
    created,
  };
  store.put("instances", instance);
  store.put("volumes", {
    id: store.newId("volumes"),
    number: store.nextNumber("volumes"),
    name: `ROOT-${number}`,
    instanceId: instance.id,
    state: "Allocated",
    sizeGiB: wanted.rootDiskGiB,
    created,
  });
  return instance;
}

export type ShowInstance = (
  cloud: Cloud,
  instance: Instance,
  options?: { password?: string | undefined },
) => Record<string, unknown>;

/** Boots a new instance. A chosen password is kept nowhere: taken up again it gets one of the lab's. Taken up again after a restart it goes on from wherever it was. */
export function deployPlan(
  cloud: Cloud,
  instanceId: string,
  show: ShowInstance,
  chosenPassword?: string,
): Plan {
  return {
    instanceType: "VirtualMachine",
    instanceId,
    queue: instanceId,
    async work() {
      const { store } = cloud;
      const volume = cloud.rootVolume(instanceId);
      await fetchedTemplate(cloud, store.need("instances", instanceId).templateId);
      store.transaction(() => {
        if (store.need("instances", instanceId).state === "Stopped") cloud.moveInstance(instanceId, "start");
        if (volume?.state === "Allocated") cloud.moveVolume(volume.id, "create");
      });
      const password = store.need("instances", instanceId).passwordEnabled
        ? (chosenPassword ?? newPassword())
        : undefined;
      await bootOrSay(cloud, instanceId, password, async () => {
        await erase(cloud, store.need("instances", instanceId));
      });
      return () => {
        if (volume) cloud.moveVolume(volume.id, "created");
        const details = startedDetails(store.need("instances", instanceId));
        const started = cloud.moveInstance(instanceId, "started", { details });
        return { virtualmachine: show(cloud, started, { password }) };
      };
    },
    failed() {
      const volume = cloud.rootVolume(instanceId);
      if (volume?.state === "Creating") cloud.moveVolume(volume.id, "createFailed");
      const details = stoppedDetails(cloud.store.need("instances", instanceId));
      cloud.moveInstance(instanceId, "deployFailed", { details });
    },
  };
}

/** The server's own mark on one that does not run; templates inherit it with all other details. */
export function stoppedDetails({ details }: Instance): Instance["details"] {
  return { ...details, "Message.ReservedCapacityFreed.Flag": "false" };
}

/** Its deployment is over. */
export function startedDetails({ details }: Instance): Instance["details"] {
  const { deployvm: _, ...others } = details;
  return others;
}

/** One by direct download is fetched for its first instance. */
async function fetchedTemplate(cloud: Cloud, id: string): Promise<void> {
  await cloud.downloads.settled(id);
  const fault = cloud.store.get("templates", id)?.download?.fault;
  if (fault !== undefined) throw runtimeFault(`Unable to download the template: ${fault}`);
}

/** startvm=false: rows without a disk. */
export function coldPlan(cloud: Cloud, instanceId: string, show: ShowInstance): Plan {
  return {
    instanceType: "VirtualMachine",
    instanceId,
    queue: instanceId,
    options: { startvm: "false" },
    work: async () => () => ({ virtualmachine: show(cloud, cloud.store.need("instances", instanceId)) }),
    failed: () => {
      cloud.moveInstance(instanceId, "deployFailed");
    },
  };
}

/** The server's sentence about a machine that does not start, with the driver's reason in it. */
export async function bootOrSay(
  cloud: Cloud,
  instanceId: string,
  password: string | undefined,
  undo: () => Promise<void>,
): Promise<void> {
  try {
    await boot(cloud, instanceId, password);
  } catch (error) {
    await undo().catch((undoing) => cloud.log(`instance ${instanceId}: taking it away: ${wordsOf(undoing)}`));
    if (error instanceof ApiError) throw error;
    throw runtimeFault(`Unable to start a VM [${instanceId}] due to [${failureWords(error)}].`);
  }
}

/** Twelve letters and digits that cannot be mistaken for each other. */
export function newPassword(): string {
  const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  let password = "";
  while (password.length < 12) {
    for (const byte of randomBytes(32)) {
      // Bytes beyond the last full round of letters would prefer the first ones.
      if (byte < 256 - (256 % letters.length) && password.length < 12)
        password += letters[byte % letters.length];
    }
  }
  return password;
}
