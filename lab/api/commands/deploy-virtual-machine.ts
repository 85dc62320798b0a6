import { isRoot } from "../../cloud/accounts.ts";
import type { Cloud } from "../../cloud/cloud.ts";
import { coldPlan, createInstanceRows, deployPlan } from "../../cloud/deploy.ts";
import { ApiError, invalidValue, permissionDenied, runtimeFault } from "../../cloud/failure.ts";
import { refuseBeyondLimit } from "../../cloud/limits.ts";
import type { Account, Network, Template } from "../../cloud/model.ts";
import { copyTags } from "../../cloud/tags.ts";
import { zonesOf } from "../../cloud/templates.ts";
import { gibibyte } from "../../cloud/world.ts";
import { refuseOtherHost } from "../chosen-host.ts";
import { asyncCommand } from "../command.ts";
import { groupIds } from "../group-names.ts";
import { hostName, refuseTakenName } from "../host-name.ts";
import { keyDetails } from "../key-details.ts";
import { ownerParams } from "../owners.ts";
import {
  details,
  flag,
  integer,
  list,
  long,
  networkAddresses,
  text,
  uuid,
  uuids,
  withoutEffect,
} from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported, unsupportedFlag } from "../unsupported.ts";
import { readUserData } from "../user-data.ts";
import { instanceView } from "../views/instance.ts";

export const deployVirtualMachine = asyncCommand({
  name: "deployVirtualMachine",
  description:
    "Creates and automatically starts an Instance based on a service offering, disk offering, and Template",
  event: { type: "VM.CREATE", doing: "starting Vm. Vm Id:" },
  commandClass: "admin.vm.DeployVMCmdByAdmin",
  creates: true,
  params: {
    serviceofferingid: uuid("serviceOfferings", "the service offering").required(),
    zoneid: uuid("zones", "the zone").required(),
    templateid: uuid("templates", "the template"),
    name: hostName("host name"),
    displayname: text("name for people"),
    networkids: uuids("networks", "its networks, the default one first"),
    ipaddress: text("address in the default network"),
    rootdisksize: long("GiB; at least the template's size"),
    userdata: text("base64", { length: 1_048_576 }),
    keypair: text("name of an SSH key pair"),
    keypairs: list("names of SSH key pairs"),
    startvm: flag("false: it stays stopped, without a disk"),
    details: details("details[0].name=value"),
    hypervisor: withoutEffect(text("hypervisor")),
    group: text("group of the account's instances"),
    keyboard: withoutEffect(text("keyboard of the console")),
    displayvm: withoutEffect(flag("shown to the user")),
    dynamicscalingenabled: withoutEffect(flag("can be scaled while it runs")),
    customid: text("the instance's id, for administrators"),
    boottype: unsupported("UEFI or BIOS"),
    bootmode: unsupported("LEGACY or SECURE"),
    diskofferingid: unsupported("data disk"),
    size: unsupported("size of the data disk"),
    datadisksdetails: unsupported("data disks"),
    volumeid: unsupported("root disk from a volume"),
    snapshotid: unsupported("root disk from a snapshot"),
    userdataid: uuid("userData", "registered user data"),
    securitygroupids: uuids("securityGroups", "its security groups"),
    affinitygroupids: uuids("affinityGroups", "its affinity groups"),
    macaddress: text("of its card in the default network"),
    ip6address: unsupported("IPv6"),
    leaseduration: unsupported("instance leases"),
    affinitygroupnames: list("names of its affinity groups"),
    securitygroupnames: list("names of its security groups"),
    iptonetworklist: networkAddresses(
      "iptonetworklist[0].networkid=N&iptonetworklist[0].ip=A, in place of networkids",
    ),
    password: text("its first password, where the template has them"),
    copyimagetags: flag("with the template's tags"),
    userdatadetails: withoutEffect(details("values of the registered user data's variables")),
    deploymentplanner: withoutEffect(text("how the host is found; the lab has one")),
    iodriverpolicy: withoutEffect(text("how the hypervisor reads and writes disks")),
    iothreadsenabled: withoutEffect(flag("threads of the hypervisor for disks")),
    nicmultiqueuenumber: withoutEffect(integer("queues of its network cards")),
    nicpackedvirtqueuesenabled: withoutEffect(flag("packed queues of its network cards")),
    bootintosetup: unsupportedFlag("the firmware's setup"),
    datadiskofferinglist: unsupported("data disks of a template"),
    dhcpoptionsnetworklist: unsupported("options of DHCP"),
    externaldetails: unsupported("extensions"),
    extraconfig: unsupported("a hypervisor's own settings"),
    hostid: text("its host, which is the one that the lab has"),
    leaseexpiryaction: unsupported("instance leases"),
    nicnetworklist: unsupported("OVAs of VMware"),
    properties: unsupported("OVAs of VMware"),
    overridediskofferingid: unsupported("another disk offering of the root disk"),
    ...ownerParams,
  },
  response: {
    id: "string",
    name: "string",
    state: "string",
    nic: "list",
    publicip: "string",
    details: "map",
  },
  submit({ values, account, caller, method, command }, cloud) {
    if (values.templateid === undefined) {
      throw runtimeFault(
        "Please provide only one of the following parameters - template ID, volume ID or snapshot ID",
      );
    }
    refuseOtherHost(cloud, caller.account, command, values);
    refuseBeyondLimit(cloud, account, "user_vm");
    refuseBeyondLimit(cloud, account, "volume");
    const offering = rowOf(cloud, "serviceOfferings", values.serviceofferingid);
    refuseBeyondLimit(cloud, account, "cpu", offering.cpu);
    refuseBeyondLimit(cloud, account, "memory", offering.memoryMiB);
    const zone = rowOf(cloud, "zones", values.zoneid);
    const template = rowOf(cloud, "templates", values.templateid, "use");
    if (template.state !== "Ready" || !zonesOf(cloud, template).includes(zone.id)) {
      throw invalidValue(`Unable to use template ${template.id}`);
    }
    const places = placesOf(values);
    const networks = networksOf(
      cloud,
      places.map(({ networkId }) => networkId),
    );
    const elsewhere = networks.find(({ zoneId }) => zoneId !== zone.id);
    if (elsewhere) throw invalidValue(`Network id=${elsewhere.id} doesn't belong to zone ${zone.id}`);
    const id = customId(cloud, caller.account, values.customid) ?? cloud.store.newId("instances");
    const name = values.name ?? `VM-${id}`;
    const rootDiskGiB = rootDiskSize(template, values.rootdisksize);
    const userData = userDataOf(cloud, values, method);
    if (values.password !== undefined && !template.passwordEnabled) {
      throw invalidValue(`The template ${template.name} has no passwords: password cannot be given`);
    }
    const keys = keyDetails(cloud, account, [
      ...(values.keypairs ?? []),
      ...(values.keypair ? [values.keypair] : []),
    ]);
    refuseTakenName(cloud, name, networks);
    const instance = createInstanceRows(cloud, {
      id,
      accountId: account.id,
      userId: caller.user.id,
      zoneId: zone.id,
      name,
      displayName: values.displayname ?? name,
      template,
      offering,
      networks,
      ipAddresses: places.map(({ ipAddress }) => ipAddress),
      mac: values.macaddress ? readMac(cloud, values.macaddress, networks) : undefined,
      group: values.group || undefined,
      rootDiskGiB,
      details: {
        ...template.details,
        ...keys,
        ...(values.rootdisksize === undefined ? {} : { rootdisksize: String(values.rootdisksize) }),
        ...values.details,
      },
      userData,
      userDataId: values.userdataid,
      securityGroupIds: groupIds(
        cloud,
        "securityGroups",
        account,
        values.securitygroupids,
        values.securitygroupnames,
      ),
      affinityGroupIds: groupIds(
        cloud,
        "affinityGroups",
        account,
        values.affinitygroupids,
        values.affinitygroupnames,
      ),
    });
    if (values.copyimagetags) copyTags(cloud, template.id, { type: "UserVm", id: instance.id });
    return values.startvm === false
      ? coldPlan(cloud, instance.id, instanceView)
      : deployPlan(cloud, instance.id, instanceView, values.password);
  },
  resume(job, cloud) {
    const plan = job.options?.startvm === "false" ? coldPlan : deployPlan;
    return plan(cloud, job.instanceId ?? "", instanceView);
  },
});

/** Of one card, which nobody else in the network has: leases go by it. */
function readMac(cloud: Cloud, given: string, [network]: readonly Network[]): string {
  const mac = given.toLowerCase();
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) throw invalidValue(`Mac address is not valid: ${given}`);
  if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1)
    throw invalidValue(`Mac address is not unicast: ${given}`);
  const taken = cloud.store.find("instances", ({ nics }) =>
    nics.some((nic) => nic.mac === mac && nic.networkId === network?.id),
  );
  if (taken) throw invalidValue(`Mac address ${given} is in use by ${taken.name}`);
  return mac;
}

interface Place {
  networkId: string;
  ipAddress: string | undefined;
}

/** Networks in their order, the default one first; a chosen address alone is one of the default network. */
function placesOf({
  networkids,
  ipaddress,
  iptonetworklist,
}: {
  networkids: readonly string[] | undefined;
  ipaddress: string | undefined;
  iptonetworklist: readonly Place[] | undefined;
}): readonly Place[] {
  if (!iptonetworklist) {
    return [...new Set(networkids)].map((networkId, index) => ({
      networkId,
      ipAddress: index === 0 ? ipaddress : undefined,
    }));
  }
  if (networkids !== undefined || ipaddress !== undefined) {
    throw invalidValue("ipToNetworkMap can't be specified along with networkIds or ipAddress");
  }
  return iptonetworklist;
}

/** No network is chosen for the caller: the server would want to make an isolated one. */
function networksOf(cloud: Cloud, ids: readonly string[]): Network[] {
  if (ids.length === 0) {
    throw invalidValue(
      "Unable to find network offering with availability=Required to automatically create the network as a part of vm creation",
    );
  }
  return ids.map((id) => withAddresses(rowOf(cloud, "networks", id)));
}

/** The lab's guests get their address by DHCP, which nobody gives in a network of layer 2. */
function withAddresses(network: Network): Network {
  if (network.cidr !== "") return network;
  throw invalidValue(`the lab cannot deploy into ${network.name}: it is a network of layer 2`);
}

function userDataOf(
  cloud: Cloud,
  { userdata, userdataid }: { userdata: string | undefined; userdataid: string | undefined },
  method: "GET" | "POST",
): string | undefined {
  if (userdata && userdataid !== undefined) {
    throw invalidValue("Both userdata and userdata ID inputs are not allowed, please provide only one");
  }
  if (userdataid !== undefined) return rowOf(cloud, "userData", userdataid).content;
  return userdata ? readUserData(userdata, method) : undefined;
}

function rootDiskSize(template: Template, wanted: number | undefined): number {
  const smallest = Math.ceil(template.size / gibibyte);
  if (wanted === undefined) return smallest;
  if (wanted <= 0) throw invalidValue("Root disk size should be a positive number.");
  if (wanted < smallest) {
    throw invalidValue(
      `The root disk size (${wanted} GB) is smaller than the template's size (${smallest} GB)`,
    );
  }
  return wanted;
}

function customId(cloud: Cloud, caller: Account, id: string | undefined): string | undefined {
  if (id === undefined || id === "") return undefined;
  if (!isRoot(caller)) {
    throw permissionDenied("Please check your permissions, you are not allowed to create/update custom id");
  }
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    throw invalidValue(`Invalid UUID: ${id}`);
  }
  const known = cloud.store.get("instances", id) ?? cloud.store.get("tombstones", id);
  if (known) throw new ApiError(530, `Entity already exists: vm_instance ${id}`, 4250);
  return id;
}
