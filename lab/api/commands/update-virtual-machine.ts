import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue } from "../../cloud/failure.ts";
import type { Account } from "../../cloud/model.ts";
import { republish } from "../../cloud/power.ts";
import { command } from "../command.ts";
import { groupIds } from "../group-names.ts";
import { hostName, refuseTakenName } from "../host-name.ts";
import { details, flag, list, text, uuid, uuids, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported } from "../unsupported.ts";
import { readUserData } from "../user-data.ts";
import { instanceView } from "../views/instance.ts";

export const updateVirtualMachine = command({
  name: "updateVirtualMachine",
  description:
    "Updates properties of an Instance. The Instance has to be stopped and restarted for some to take effect.",
  event: { type: "VM.UPDATE", doing: "updating Vm. Vm Id:" },
  params: {
    id: uuid("instances", "the instance").required(),
    displayname: text("name for people"),
    name: hostName("host name; at the next start"),
    ostypeid: uuid("osTypes", "OS type"),
    userdata: text("base64", { length: 1_048_576 }),
    details: details("details[0].name=value; replaces them all"),
    cleanupdetails: flag("removes all details"),
    deleteprotection: flag("refuses to be destroyed"),
    isdynamicallyscalable: withoutEffect(flag("can be scaled while it runs")),
    haenable: withoutEffect(flag("high availability")),
    displayvm: withoutEffect(flag("shown to the user")),
    group: text("group of the account's instances"),
    userdataid: uuid("userData", "registered user data"),
    securitygroupids: uuids("securityGroups", "its security groups from now on"),
    securitygroupnames: list("their names, in place of their ids"),
    userdatadetails: withoutEffect(details("values of the registered user data's variables")),
    customid: unsupported("another id"),
    dhcpoptionsnetworklist: unsupported("options of DHCP"),
    extraconfig: unsupported("a hypervisor's own settings"),
    instancename: unsupported("another name of the hypervisor's"),
    leaseduration: unsupported("instance leases"),
    leaseexpiryaction: unsupported("instance leases"),
  },
  response: { id: "string", name: "string", displayname: "string", state: "string" },
  async run({ values, method, account }, cloud) {
    const old = rowOf(cloud, "instances", values.id);
    if (values.name !== undefined && values.name !== old.name) {
      const networks = old.nics.map(({ networkId }) => cloud.store.need("networks", networkId));
      refuseTakenName(cloud, values.name, networks, old.id);
    }
    if (values.details && old.state !== "Stopped") {
      throw invalidValue(
        `Unable to change the details of ${old.name}: it is in state ${old.state}, stop it first`,
      );
    }
    const registered =
      values.userdataid === undefined ? undefined : rowOf(cloud, "userData", values.userdataid);
    const userData = values.userdata ? readUserData(values.userdata, method) : registered?.content;
    const instance = cloud.store.transaction(() =>
      cloud.changeInstance(old.id, {
        ...(values.displayname === undefined ? {} : { displayName: values.displayname }),
        ...(values.name === undefined ? {} : { name: values.name }),
        ...(values.ostypeid === undefined ? {} : { osTypeId: rowOf(cloud, "osTypes", values.ostypeid).id }),
        ...(userData === undefined ? {} : { userData }),
        ...(registered ? { userDataId: registered.id } : {}),
        ...(values.deleteprotection === undefined ? {} : { deleteProtection: values.deleteprotection }),
        ...(values.group ? { group: values.group } : {}),
        ...changedGroups(cloud, account, values),
        ...changedDetails(values),
      }),
    );
    if (userData !== undefined) await republish(cloud, old.id);
    return { virtualmachine: instanceView(cloud, instance) };
  },
});

function changedGroups(
  cloud: Cloud,
  account: Account,
  values: {
    readonly securitygroupids: readonly string[] | undefined;
    readonly securitygroupnames: readonly string[] | undefined;
  },
): { securityGroupIds?: readonly string[] } {
  const { securitygroupids: ids, securitygroupnames: names } = values;
  if (ids === undefined && names === undefined) return {};
  return { securityGroupIds: groupIds(cloud, "securityGroups", account, ids, names) };
}

/** Cleaning wins over the details of the same call. */
function changedDetails(values: {
  readonly details: Readonly<Record<string, string>> | undefined;
  readonly cleanupdetails: boolean | undefined;
}): { details?: Readonly<Record<string, string>> } {
  if (values.cleanupdetails) return { details: {} };
  return values.details ? { details: values.details } : {};
}
