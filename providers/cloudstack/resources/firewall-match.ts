/** Which packets ingress and egress rules mean: properties, checks, and their form on the wire. */
import { type Fault, isUnknown, type PropertySpec } from "../../rpc/index.ts";
import type * as answers from "../client/answers.ts";
import type { Parameters } from "../client/signature.ts";
import { faultsIn, oneOf, port, type Rule } from "./inputs.ts";

export interface MatchInputs {
  protocol: string;
  startPort?: number;
  endPort?: number;
  icmpType?: number;
  icmpCode?: number;
}

const replaces = true;

export const matchProperties: Record<string, PropertySpec> = {
  protocol: {
    type: "string",
    willReplaceOnChanges: replaces,
    description: "`tcp`, `udp`, `icmp` or `all`.",
  },
  startPort: { type: "integer", willReplaceOnChanges: replaces, description: "For tcp and udp." },
  endPort: { type: "integer", willReplaceOnChanges: replaces, description: "By default `startPort`." },
  icmpType: {
    type: "integer",
    willReplaceOnChanges: replaces,
    description: "For icmp; -1 (default) for all.",
  },
  icmpCode: {
    type: "integer",
    willReplaceOnChanges: replaces,
    description: "For icmp; -1 (default) for all.",
  },
};

const icmpNumber: Rule = (value) =>
  Number.isInteger(value) && Number(value) >= -1 && Number(value) <= 255
    ? undefined
    : "must be a whole number from -1 to 255";

export function matchFaults(news: MatchInputs): Fault[] {
  const protocol = typeof news.protocol === "string" ? news.protocol.toLowerCase() : news.protocol;
  const faults = faultsIn(
    { ...news, protocol },
    {
      protocol: oneOf("tcp", "udp", "icmp", "all"),
      startPort: port,
      endPort: port,
      icmpType: icmpNumber,
      icmpCode: icmpNumber,
    },
  );
  const { startPort, endPort } = news;
  if (protocol === undefined || isUnknown(protocol)) return faults;
  const hasPorts = protocol === "tcp" || protocol === "udp";
  const foreign = hasPorts ? (["icmpType", "icmpCode"] as const) : (["startPort", "endPort"] as const);
  for (const property of protocol === "all" ? ([...foreign, "icmpType", "icmpCode"] as const) : foreign) {
    if (news[property] !== undefined) faults.push({ property, reason: `has no meaning for ${protocol}` });
  }
  if (endPort !== undefined && startPort === undefined) {
    faults.push({ property: "startPort", reason: "is required with endPort" });
  }
  if (Number(endPort) < Number(startPort)) {
    faults.push({ property: "endPort", reason: `${endPort} is below startPort, ${startPort}` });
  }
  return faults;
}

/** The protocol in lower case, and what is left out as CloudStack fills it. */
export function withMatchDefaults<Inputs extends MatchInputs>(news: Inputs): Inputs {
  const protocol = typeof news.protocol === "string" ? news.protocol.toLowerCase() : news.protocol;
  return {
    ...news,
    ...(protocol !== undefined && { protocol }),
    ...(news.startPort !== undefined && { endPort: news.endPort ?? news.startPort }),
    ...(protocol === "icmp" && { icmpType: news.icmpType ?? -1, icmpCode: news.icmpCode ?? -1 }),
  };
}

export function matchParameters({
  protocol,
  startPort,
  endPort,
  icmpType,
  icmpCode,
}: MatchInputs): Parameters {
  return {
    protocol,
    ...(startPort !== undefined && { startport: String(startPort) }),
    ...(endPort !== undefined && { endport: String(endPort) }),
    ...(icmpType !== undefined && { icmptype: String(icmpType) }),
    ...(icmpCode !== undefined && { icmpcode: String(icmpCode) }),
  };
}

export function matchInputs(row: answers.FirewallRule): MatchInputs {
  const { protocol, startport, endport, icmptype, icmpcode } = row;
  return {
    protocol: protocol.toLowerCase(),
    ...(startport !== undefined && { startPort: startport }),
    ...(endport !== undefined && { endPort: endport }),
    ...(icmptype !== undefined && { icmpType: icmptype }),
    ...(icmpcode !== undefined && { icmpCode: icmpcode }),
  };
}

export function matchText({ protocol, startPort, endPort }: Partial<MatchInputs>): string {
  if (startPort === undefined) return protocol ?? "";
  return `${protocol} ${startPort}${endPort === undefined || endPort === startPort ? "" : `-${endPort}`}`;
}

/** CloudStack's job can succeed although the router did not take the rule; then it stays at `Add`. */
export function ruleFault({ state }: { state?: string | undefined }): string | undefined {
  return state === undefined || state === "Active" ? undefined : `it is in state ${state}`;
}
