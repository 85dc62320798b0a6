import type { Fault } from "./fault.ts";

export const listEmpty: Fault = {
  name: "list-empty",
  description: "a list shows nothing although the object is there, as with rules that are not applied yet",
  options: {},
  times: 1,
  commands: ["listFirewallRules", "listEgressFirewallRules", "listPortForwardingRules"],
  content: () => ({}),
};
