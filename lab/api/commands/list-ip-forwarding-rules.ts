import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { visibilityParams } from "../owners.ts";
import { uuid } from "../parameters.ts";

export const listIpForwardingRules = listCommand({
  name: "listIpForwardingRules",
  description: "List the IP forwarding rules",
  params: {
    id: uuid("portForwardingRules", "the rule"),
    ipaddressid: uuid("publicAddresses", "the address"),
    virtualmachineid: uuid("instances", "the instance"),
    ...visibilityParams,
  },
  response: { id: "string", ipaddress: "string", virtualmachineid: "string" },
  /** Rules of static NAT of the kind that createIpForwardingRule makes, which the lab has not. */
  run: (call) => listOf(call, "ipforwardingrule", [], (row) => row),
});
