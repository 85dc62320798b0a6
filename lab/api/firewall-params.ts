/** What ingress and egress rules have in common. */
import { isCidr } from "../cloud/addresses.ts";
import { invalidValue } from "../cloud/failure.ts";
import type { FirewallRule, RuleProtocol } from "../cloud/model.ts";
import { flag, integer, list, text, withoutEffect } from "./parameters.ts";

export const firewallParams = {
  protocol: text("tcp, udp, icmp or all").required(),
  startport: integer("first port"),
  endport: integer("last port"),
  cidrlist: list("senders' networks"),
  icmptype: integer("ICMP type; -1 for all"),
  icmpcode: integer("ICMP code; -1 for all"),
  type: withoutEffect(text("user or system")),
  fordisplay: withoutEffect(flag("shown to the user")),
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
    refuseIcmp(icmptype ?? -1, icmpcode ?? -1);
    return { protocol: known, icmpType: icmptype ?? -1, icmpCode: icmpcode ?? -1 };
  }
  if (known === "all") {
    if (startport !== undefined) throw invalidValue("Can't specify ports for protocol all");
    return { protocol: known };
  }
  const [from, to] = [startport ?? endport, endport ?? startport];
  refusePorts(from, to);
  if (from === undefined || to === undefined) return { protocol: known };
  return { protocol: known, startPort: from, endPort: to };
}

const isPort = (port: number) => port >= 1 && port <= 65535;

/** Of the public side. */
export function refusePorts(from: number | undefined, to: number | undefined): void {
  if (from !== undefined && !isPort(from)) throw invalidValue(`publicPort is an invalid value: ${from}`);
  if (to !== undefined && !isPort(to)) {
    throw invalidValue(`Public port range is an invalid value: ${to}`);
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw invalidValue("Start port can't be bigger than end port");
  }
}

/** -1 means all. */
function refuseIcmp(type: number, code: number): void {
  if (type < -1 || type > 255) throw invalidValue("Invalid icmp type; should belong to [0-255] range");
  if (code < -1 || code > 16) {
    throw invalidValue(
      "Invalid icmp code; should belong to [0-16] range and can be defined when icmp type belongs to [0-40] range",
    );
  }
}

/** Of the guest's side. */
export function refusePrivatePorts(from: number, to: number): void {
  for (const port of [from, to]) {
    if (!isPort(port)) throw invalidValue(`privatePort is an invalid value: ${port}`);
  }
}

export function readCidrs(given: readonly string[] | undefined, whose: "Source" | "Destination"): string[] {
  for (const cidr of given ?? []) {
    if (!isCidr(cidr)) throw invalidValue(`${whose} cidrs formatting error ${cidr}`);
  }
  return [...(given ?? [])];
}
