/** nftables rules: the guests' way out, and the host's way in. Each table is replaced as a whole, in one step. */
import { type Link, linkAddress } from "./link.ts";
import type { RouterNames } from "./names.ts";
import type { GuestNetworkSpec, GuestRecord } from "./network.ts";

/**
 * On the host a connection to a guest's loopback address is turned towards the router before it is sent; nothing
 * listens. What comes from the guests' side reaches neither the host's services nor, in reply to nobody, its loopback.
 */
export function hostRules(names: RouterNames, link: Link, guests: readonly GuestRecord[]): string {
  const { table, uplink } = names;
  return replaced("ip", table, [
    "  chain output {",
    "    type nat hook output priority -100; policy accept;",
    ...mapped(
      guests,
      link,
      (guest) => guest.publicAddress,
      (_, address) => address,
    ).map((elements) => `    dnat to ip daddr map { ${elements} }`),
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

export function routerRules(
  names: RouterNames,
  spec: GuestNetworkSpec,
  link: Link,
  guests: readonly GuestRecord[],
): string {
  const { table, downlink } = names;
  return replaced("ip", table, [
    "  chain prerouting {",
    "    type nat hook prerouting priority -100; policy accept;",
    ...mapped(
      guests,
      link,
      (_, address) => address,
      (guest) => guest.ipAddress,
    ).map((elements) => `    iifname "${downlink}" dnat to ip daddr map { ${elements} }`),
    "  }",
    "  chain postrouting {",
    "    type nat hook postrouting priority 100; policy accept;",
    `    oifname "${downlink}" masquerade`,
    "  }",
    "  chain forward {",
    "    type filter hook forward priority 0; policy accept;",
    "    ct state established,related accept",
    ...(spec.egress ? [] : [`    oifname "${downlink}" drop`]),
    "  }",
  ]);
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
