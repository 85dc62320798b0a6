import { invalidValue } from "../../cloud/failure.ts";
import { republish } from "../../cloud/power.ts";
import { command } from "../command.ts";
import { hostName, refuseTakenName } from "../host-name.ts";
import { details, flag, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
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
    group: withoutEffect(text("group")),
    userdataid: uuid("userData", "registered user data"),
  },
  response: { id: "string", name: "string", displayname: "string", state: "string" },
  async run({ values, method }, cloud) {
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
        ...changedDetails(values),
      }),
    );
    if (userData !== undefined) await republish(cloud, old.id);
    return { virtualmachine: instanceView(cloud, instance) };
  },
});

/** Cleaning wins over the details of the same call. */
function changedDetails(values: {
  readonly details: Readonly<Record<string, string>> | undefined;
  readonly cleanupdetails: boolean | undefined;
}): { details?: Readonly<Record<string, string>> } {
  if (values.cleanupdetails) return { details: {} };
  return values.details ? { details: values.details } : {};
}
