/** nftables rules: the guests' way out, and the host's way in. Each table is replaced as a whole, in one step. */
import { type Link, linkAddress, rangeOf } from "./link.ts";
import type { RouterNames } from "./names.ts";
import type {
  GuestNetworkSpec,
  GuestRecord,
  NetworkRules,
  PacketMatch,
  PublicAddressRules,
} from "./network.ts";

interface HostSide {
  link: Link;
  guests: readonly GuestRecord[];
  /** Of an isolated network. */
  rules: NetworkRules | undefined;
}

interface RouterSide extends HostSide {
  spec: GuestNetworkSpec;
}

/**
 * On the host a connection to a guest's loopback address is turned towards the router before it is sent; nothing
 * listens. What comes from the guests' side reaches neither the host's services nor, in reply to nobody, its loopback.
 * An isolated network's firewall stands here, where the sender's own address can still be seen.
 */
export function hostRules({ table, uplink }: RouterNames, { link, guests, rules }: HostSide): string {
  const addresses = rules?.addresses ?? [];
  return replaced("ip", table, [
    "  chain output {",
    "    type nat hook output priority -100; policy accept;",
    ...mapped(
      guests,
      link,
      (guest) => guest.publicAddress,
      (_, address) => address,
    ).map((elements) => `    dnat to ip daddr map { ${elements} }`),
    ...addresses.flatMap(({ publicAddress, allowed }) =>
      allowed.map(
        (match) =>
          `    ip daddr ${publicAddress} ${matching(match)} dnat to ${linkAddress(link, publicAddress)}`,
      ),
    ),
    "  }",
    "  chain refused {",
    "    type filter hook output priority 0; policy accept;",
    ...addresses.map(({ publicAddress }) => `    ip daddr ${publicAddress} drop`),
    "  }",
    "  chain postrouting {",
    "    type nat hook postrouting priority 100; policy accept;",
    `    oifname "${uplink}" snat to ${link.host}`,
    `    iifname "${uplink}" oifname != "${uplink}" masquerade`,
    "  }",
    "  chain input {",
    "    type filter hook input priority 0; policy accept;",
    `    iifname "${uplink}" ct state established,related accept`,
    `    iifname "${uplink}" drop`,
    "  }",
    "  chain forward {",
    "    type filter hook forward priority 0; policy accept;",
    `    oifname "${uplink}" ct state established,related accept`,
    `    oifname "${uplink}" drop`,
    "  }",
  ]);
}

/** Where metadata and passwords are answered, to whom the sender's address says. */
const personalPorts = "{ 80, 8080 }";

export function routerRules(names: RouterNames, { spec, link, guests, rules }: RouterSide): string {
  const { table, downlink, bridge } = names;
  const cards = guests.map(({ mac, ipAddress }) => `${mac} . ${ipAddress}`).join(", ");
  return replaced("ip", table, [
    "  chain input {",
    "    type filter hook input priority 0; policy accept;",
    ...(guests.length > 0
      ? [`    iifname "${bridge}" tcp dport ${personalPorts} ether saddr . ip saddr != { ${cards} } drop`]
      : []),
    "  }",
    "  chain prerouting {",
    "    type nat hook prerouting priority -100; policy accept;",
    ...mapped(
      guests,
      link,
      (_, address) => address,
      (guest) => guest.ipAddress,
    ).map((elements) => `    iifname "${downlink}" dnat to ip daddr map { ${elements} }`),
    ...(rules?.addresses ?? []).flatMap((address) =>
      waysIn(address).map(
        (way) => `    iifname "${downlink}" ip daddr ${linkAddress(link, address.publicAddress)} ${way}`,
      ),
    ),
    "  }",
    "  chain postrouting {",
    "    type nat hook postrouting priority 100; policy accept;",
    `    oifname "${downlink}" masquerade`,
    "  }",
    "  chain forward {",
    "    type filter hook forward priority 0; policy accept;",
    "    ct state established,related accept",
    ...(spec.egress ? [] : [`    oifname "${downlink}" drop`]),
    ...(rules ? isolated(names, rules) : []),
    "  }",
  ]);
}

function isolated({ downlink }: RouterNames, { egress }: NetworkRules): string[] {
  const exception = egress.passes ? "drop" : "accept";
  return [
    `    iifname "${downlink}" ct status dnat accept`,
    `    iifname "${downlink}" drop`,
    ...egress.except.map((match) => `    oifname "${downlink}" ${matching(match)} ${exception}`),
    ...(egress.passes ? [] : [`    oifname "${downlink}" drop`]),
  ];
}

function waysIn({ guest, ports }: PublicAddressRules): string[] {
  const whole = guest === undefined ? [] : [`dnat to ${guest}`];
  return [
    ...whole,
    ...ports.flatMap(({ protocol, ports: [from, to], guest: target, guestPort }) =>
      from === guestPort
        ? [`${protocol} dport ${from}-${to} dnat to ${target}`]
        : Array.from(
            { length: to - from + 1 },
            (_, index) => `${protocol} dport ${from + index} dnat to ${target}:${guestPort + index}`,
          ),
    ),
  ];
}

function matching({ protocol, ports, icmpType, icmpCode, sources, destinations }: PacketMatch): string {
  const parts = [
    ...restricted("ip saddr", sources),
    ...restricted("ip daddr", destinations),
    ...(protocol === "all" ? [] : [`meta l4proto ${protocol}`]),
    ...(ports ? [`${protocol} dport ${ports[0]}-${ports[1]}`] : []),
    ...(icmpType === undefined ? [] : [`icmp type ${icmpType}`]),
    ...(icmpCode === undefined ? [] : [`icmp code ${icmpCode}`]),
  ];
  return parts.join(" ");
}

/** Overlapping networks cannot stand in one set; any address needs none. */
function restricted(field: string, networks: readonly string[]): string[] {
  if (networks.length === 0 || networks.includes("0.0.0.0/0")) return [];
  return [`${field} { ${withoutOverlap(networks).join(", ")} }`];
}

function withoutOverlap(networks: readonly string[]): string[] {
  const unique = [...new Set(networks)];
  return unique.filter((inner) => !unique.some((outer) => outer !== inner && holds(outer, inner)));
}

function holds(outer: string, inner: string): boolean {
  const [a, b] = [rangeOf(outer), rangeOf(inner)];
  return a.base <= b.base && b.base + b.size <= a.base + a.size;
}

function mapped(
  guests: readonly GuestRecord[],
  link: Link,
  from: (guest: GuestRecord, linkAddress: string) => string | undefined,
  to: (guest: GuestRecord, linkAddress: string) => string,
): string[] {
  const elements = guests.flatMap((guest) => {
    if (guest.publicAddress === undefined) return [];
    const address = linkAddress(link, guest.publicAddress);
    return [`${from(guest, address)} : ${to(guest, address)}`];
  });
  return elements.length > 0 ? [elements.join(", ")] : [];
}

/** An empty declaration first, so that the deletion never fails. */
function replaced(family: string, table: string, lines: readonly string[]): string {
  return [
    `table ${family} ${table} {}`,
    `delete table ${family} ${table}`,
    `table ${family} ${table} {`,
    ...lines,
    "}",
    "",
  ].join("\n");
}
