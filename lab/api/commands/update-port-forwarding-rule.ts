import { invalidValue } from "../../cloud/failure.ts";
import { forwardingChangePlan } from "../../cloud/firewall.ts";
import { asyncCommand } from "../command.ts";
import { readCidrs, refusePrivatePorts } from "../firewall-params.ts";
import { guestIpOf } from "../guest-address.ts";
import { flag, integer, list, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported } from "../unsupported.ts";
import { portForwardingRuleView } from "../views/firewall-rule.ts";

export const updatePortForwardingRule = asyncCommand({
  name: "updatePortForwardingRule",
  description:
    "Updates a port forwarding rule. Only the private port and the virtual machine can be updated.",
  since: "4.4",
  event: { type: "NET.RULEMODIFY", doing: "updating port forwarding rule" },
  commandClass: "user.firewall.UpdatePortForwardingRuleCmd",
  params: {
    id: uuid("portForwardingRules", "the rule").required(),
    privateport: integer("first port of the guest"),
    privateendport: integer("last port of the guest"),
    virtualmachineid: uuid("instances", "the guest"),
    vmguestip: text("the guest's address"),
    cidrlist: list("senders' networks"),
    customid: unsupported("another id"),
    fordisplay: withoutEffect(flag("shown to the user")),
  },
  response: { id: "string", publicport: "string", privateport: "string", state: "string" },
  submit({ values }, cloud) {
    const before = rowOf(cloud, "portForwardingRules", values.id);
    const address = cloud.store.need("publicAddresses", before.addressId);
    const instance = rowOf(cloud, "instances", values.virtualmachineid ?? before.instanceId);
    const privatePort = values.privateport ?? before.privatePort;
    const size = before.publicEndPort - before.publicPort;
    if (values.privateendport !== undefined && values.privateendport - privatePort !== size) {
      throw invalidValue("Source port and destination port ranges should be of equal sizes.");
    }
    refusePrivatePorts(privatePort, privatePort + size);
    cloud.store.put("portForwardingRules", {
      ...before,
      privatePort,
      privateEndPort: privatePort + size,
      instanceId: instance.id,
      guestIp: guestIpOf(cloud, instance, address, values.vmguestip || undefined),
      ...(values.cidrlist && { cidrs: readCidrs(values.cidrlist, "Source") }),
    });
    return forwardingChangePlan(cloud, before.id, portForwardingRuleView, before);
  },
  resume: (job, cloud) => forwardingChangePlan(cloud, job.instanceId ?? "", portForwardingRuleView),
});
