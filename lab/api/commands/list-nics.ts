import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { hasKeyword, isOneOf } from "../filters.ts";
import { flag, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { nicViews } from "../views/instance.ts";

/** As the instance itself shows them. */
export const listNics = listCommand({
  name: "listNics",
  description: "list the vm nics  IP to NIC",
  params: {
    virtualmachineid: uuid("instances", "the instance").required(),
    networkid: uuid("networks", "those in this network"),
    fordisplay: withoutEffect(flag("those that are shown")),
  },
  response: { id: "string", networkid: "string", ipaddress: "string", macaddress: "string" },
  run(call, cloud) {
    const { virtualmachineid, networkid, keyword } = call.values;
    const instance = rowOf(cloud, "instances", virtualmachineid);
    const nics = nicViews(cloud, instance).filter(
      (nic) => isOneOf(String(nic.networkid), networkid) && hasKeyword(keyword, String(nic.ipaddress)),
    );
    return listOf(call, "nic", nics, (nic) => ({ ...nic, virtualmachineid: instance.id }));
  },
});
