import { seesAll } from "../../cloud/call-context.ts";
import type { Cloud } from "../../cloud/cloud.ts";
import { fixedId } from "../../cloud/fixed-ids.ts";
import { derivedId } from "../../cloud/ids.ts";
import type { Instance, Nic } from "../../cloud/model.ts";
import { hypervisor, templateFormat } from "../../cloud/world.ts";
import { affinityGroupView } from "./affinity-group.ts";
import { busyFields } from "./busy.ts";
import { vlanOf } from "./network.ts";
import { ownerFields } from "./owner.ts";
import { securityGroupView } from "./security-group.ts";
import { tagViews } from "./tag.ts";

export interface InstanceViewOptions {
  /** User data is shown only to those who ask for it. */
  userData?: boolean;
  /** One-time password, in the result of the job that set it and nowhere else. */
  password?: string | undefined;
}

function userFields(cloud: Cloud, id: string | undefined): Record<string, unknown> {
  const user = id === undefined ? cloud.adminUser : cloud.store.get("users", id);
  return user ? { userid: user.id, username: user.name } : {};
}

export function instanceView(
  cloud: Cloud,
  instance: Instance,
  options: InstanceViewOptions = {},
): Record<string, unknown> {
  const { store } = cloud;
  const template = store.get("templates", instance.templateId);
  const offering = store.need("serviceOfferings", instance.serviceOfferingId);
  const volume = cloud.rootVolume(instance.id);
  const all = seesAll();
  const details = shownDetails(instance, all);
  return {
    id: instance.id,
    name: instance.name,
    displayname: instance.displayName,
    ...ownerFields(cloud, instance.accountId),
    ...userFields(cloud, instance.userId),
    created: instance.created,
    ...(instance.updated === undefined ? {} : { lastupdated: instance.updated }),
    state: instance.state,
    haenable: false,
    ...(instance.group === undefined ? {} : { groupid: groupIdOf(instance), group: instance.group }),
    zoneid: instance.zoneId,
    zonename: cloud.zoneNamed(instance.zoneId).name,
    ...(instance.state === "Running"
      ? {
          ...(all ? { hostid: fixedId(cloud, "host"), hostname: "lab-host" } : {}),
          hostcontrolstate: "Enabled",
        }
      : {}),
    templateid: instance.templateId,
    ...(template
      ? {
          templatename: template.name,
          templatetype: template.builtin ? "BUILTIN" : "USER",
          templateformat: templateFormat,
          templatedisplaytext: template.displayText,
        }
      : {}),
    passwordenabled: instance.passwordEnabled,
    ...(options.password === undefined ? {} : { password: options.password }),
    serviceofferingid: offering.id,
    serviceofferingname: offering.name,
    cpunumber: offering.cpu,
    cpuspeed: offering.cpuSpeed,
    memory: offering.memoryMiB,
    guestosid: instance.osTypeId,
    rootdeviceid: 0,
    rootdevicetype: "ROOT",
    securitygroup: (instance.securityGroupIds ?? []).flatMap((id) => {
      const group = store.get("securityGroups", id);
      return group ? [securityGroupView(cloud, group)] : [];
    }),
    nic: nicViews(cloud, instance),
    hypervisor,
    ipaddress: instance.nics[0]?.ipAddress,
    ...publicAddressFields(cloud, instance),
    ...(all ? { instancename: instanceName(cloud, instance) } : {}),
    details,
    ...(all ? {} : { readonlydetails: "dataDiskController, rootDiskController" }),
    ...(instance.details["SSH.KeyPairNames"] ? { keypairs: instance.details["SSH.KeyPairNames"] } : {}),
    affinitygroup: (instance.affinityGroupIds ?? []).flatMap((id) => {
      const group = store.get("affinityGroups", id);
      return group ? [affinityGroupView(cloud, group)] : [];
    }),
    ...userDataFields(cloud, instance),
    ...(all ? { displayvm: true } : {}),
    isdynamicallyscalable: false,
    deleteprotection: instance.deleteProtection,
    ostypeid: instance.osTypeId,
    osdisplayname: store.need("osTypes", instance.osTypeId).description,
    ...(all && Object.keys(details).length === 0 ? { bootmode: "legacy", boottype: "Bios" } : {}),
    ...(volume?.state === "Ready" ? { pooltype: "NetworkFilesystem" } : {}),
    receivedbytes: 0,
    sentbytes: 0,
    ...(all ? { arch: "x86_64" } : {}),
    ...(options.userData && instance.userData !== undefined ? { userdata: instance.userData } : {}),
    tags: tagViews(cloud, instance.id),
    hasannotations: false,
    ...busyFields(cloud, instance.id),
  };
}

/** What the server keeps to itself is not for users. */
function shownDetails({ details }: Instance, all: boolean): Readonly<Record<string, string>> {
  if (all) return details;
  return Object.fromEntries(Object.entries(details).filter(([name]) => !name.startsWith("Message.")));
}

function publicAddressFields(cloud: Cloud, instance: Instance): Record<string, unknown> {
  const natted = cloud.store.find(
    "publicAddresses",
    ({ staticNat }) => staticNat?.instanceId === instance.id,
  );
  const id = natted?.id ?? instance.publicIpId;
  return id === undefined ? {} : { publicipid: id, publicip: natted?.ipAddress ?? instance.publicIp };
}

function userDataFields(cloud: Cloud, { userDataId }: Instance): Record<string, unknown> {
  const userData = userDataId === undefined ? undefined : cloud.store.get("userData", userDataId);
  return userData ? { userdataid: userData.id, userdataname: userData.name } : {};
}

/** What stays to be said of an expunged instance. */
export const expungedView = {
  securitygroup: [],
  nic: [],
  affinitygroup: [],
  deleteprotection: false,
  tags: [],
} as const;

/** By the numbers of the owner and of the instance. */
export function instanceName(cloud: Cloud, { accountId, number }: Instance): string {
  return `i-${cloud.store.need("accounts", accountId).number}-${number}-VM`;
}

/** How error texts name an instance. */
export function instanceText(cloud: Cloud, instance: Instance): string {
  const { number, state, id } = instance;
  const fields = { id: number, instanceName: instanceName(cloud, instance), state, type: "User", uuid: id };
  return `VM instance ${JSON.stringify(fields)}`;
}

/** A group is nothing but its name, once in an account. */
export function groupIdOf({ accountId, group }: Instance): string | undefined {
  return group === undefined ? undefined : derivedId(accountId, `group/${group}`);
}

export function nicViews(cloud: Cloud, instance: Instance): Record<string, unknown>[] {
  return instance.nics.map((nic, index) => nicView(cloud, instance, nic, index));
}

function nicView(cloud: Cloud, instance: Instance, nic: Nic, index: number): Record<string, unknown> {
  const network = cloud.store.need("networks", nic.networkId);
  const vlan = isPlugged(cloud, instance) ? vlanOf(cloud, network) : undefined;
  return {
    id: nic.id,
    networkid: network.id,
    networkname: network.name,
    netmask: network.netmask,
    gateway: network.gateway,
    ipaddress: nic.ipAddress,
    ...(vlan === undefined ? {} : { isolationuri: `vlan://${vlan}`, broadcasturi: `vlan://${vlan}` }),
    traffictype: "Guest",
    type: cloud.store.need("networkOfferings", network.networkOfferingId).guestIpType,
    isdefault: index === 0,
    macaddress: nic.mac,
    secondaryip: [],
    extradhcpoption: [],
    deviceid: String(index),
  };
}

/** A stop takes its cables away; one that never ran has them from the start. */
function isPlugged(cloud: Cloud, { id, state }: Instance): boolean {
  if (state === "Error") return false;
  const down = state === "Stopped" || state === "Destroyed";
  return !down || cloud.rootVolume(id)?.state === "Allocated";
}
