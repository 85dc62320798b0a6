/** What ingress and egress rules have in common. */
import { isCidr } from "../cloud/addresses.ts";
import { invalidValue } from "../cloud/failure.ts";
import type { FirewallRule, RuleProtocol } from "../cloud/model.ts";
import { flag, integer, list, text } from "./parameters.ts";

export const firewallParams = {
  protocol: text("tcp, udp, icmp or all").required(),
  startport: integer("first port"),
  endport: integer("last port"),
  cidrlist: list("senders' networks"),
  icmptype: integer("ICMP type; -1 for all"),
  icmpcode: integer("ICMP code; -1 for all"),
  type: text("user or system"),
  fordisplay: flag("shown to the user"),
};

interface Given {
  protocol: string;
  startport: number | undefined;
  endport: number | undefined;
  icmptype: number | undefined;
  icmpcode: number | undefined;
}

type Matched = Pick<FirewallRule, "protocol" | "startPort" | "endPort" | "icmpType" | "icmpCode">;

const protocols: readonly RuleProtocol[] = ["tcp", "udp", "icmp", "all"];

export function readMatch({ protocol, startport, endport, icmptype, icmpcode }: Given): Matched {
  const known = protocols.find((name) => name === protocol.toLowerCase());
  if (!known) throw invalidValue(`Invalid protocol ${protocol}`);
  if (known === "icmp") {
    return { protocol: known, icmpType: icmptype ?? -1, icmpCode: icmpcode ?? -1 };
  }
  if (known === "all") {
    if (startport !== undefined) throw invalidValue("Can't specify ports for protocol all");
    return { protocol: known };
  }
  const [from, to] = [startport ?? endport, endport ?? startport];
  for (const port of [from, to]) {
    if (port !== undefined && (port < 0 || port > 65535))
      throw invalidValue(`port is an invalid value: ${port}`);
  }
  if (from === undefined || to === undefined) return { protocol: known };
  if (from > to) throw invalidValue("Start port can't be bigger than end port");
  return { protocol: known, startPort: from, endPort: to };
}

export function readCidrs(given: readonly string[] | undefined, whose: "Source" | "Destination"): string[] {
  for (const cidr of given ?? []) {
    if (!isCidr(cidr)) throw invalidValue(`${whose} cidrs formatting error ${cidr}`);
  }
  return [...(given ?? [])];
}
