import { invalidValue } from "../../cloud/failure.ts";
import { releasePlan } from "../../cloud/public-addresses.ts";
import { asyncCommand } from "../command.ts";
import { text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const disassociateIpAddress = asyncCommand({
  name: "disassociateIpAddress",
  description: "Disassociates an IP address from the account.",
  event: { type: "NET.IPRELEASE", doing: "releasing ip. Ip Id:" },
  commandClass: "user.address.DisassociateIPAddrCmd",
  params: {
    id: uuid("publicAddresses", "the address's id"),
    ipaddress: text("the address itself, in place of its id"),
    accountid: withoutEffect(uuid("accounts", "whose it is")),
  },
  response: { success: "boolean" },
  submit({ values }, cloud) {
    const byAddress = cloud.store.find("publicAddresses", (row) => row.ipAddress === values.ipaddress);
    const id = values.id ?? byAddress?.id;
    if (id === undefined) throw invalidValue("Please provide either ip address id or ip address");
    const address = rowOf(cloud, "publicAddresses", id);
    if (address.sourceNat)
      throw invalidValue("ip address is used for source nat purposes and can not be disassociated.");
    return releasePlan(cloud, address.id);
  },
  resume: (job, cloud) => releasePlan(cloud, job.instanceId ?? ""),
});
