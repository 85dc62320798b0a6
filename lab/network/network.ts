/**
 * What the lab's API asks of the thing that makes guest networks: bridges, DHCP, DNS, metadata and the host's way
 * in, all inside network namespaces of the lab. Idempotent, and recoverable after a kill, like a machine driver.
 */

export interface GuestNetworkSpec {
  id: string;
  /** "10.1.1.0/24" */
  cidr: string;
  gateway: string;
  domain: string;
  /** Whether guests reach the outside. */
  egress: boolean;
}

/** A fixed lease and what the metadata service answers to this guest alone. */
export interface GuestRecord {
  instanceId: string;
  name: string;
  mac: string;
  ipAddress: string;
  /** By a further card than its first: it gets an address there, and no way out and no name server. */
  further?: boolean;
  /** Loopback address on the host at which the guest's ports are reached, on networks that give one: 127.x.y.z. */
  publicAddress?: string;
  /** Base64, as the API took it. */
  userData?: string;
  /** OpenSSH lines, joined by newlines. */
  publicKeys?: string;
  /** One-time password for the password server, when the template asks for one. */
  password?: string;
  zone: string;
  serviceOffering: string;
}

/** Which packets a rule means. An empty list means any. */
export interface PacketMatch {
  protocol: "tcp" | "udp" | "icmp" | "all";
  /** First and last. */
  ports?: readonly [number, number];
  icmpType?: number;
  icmpCode?: number;
  sources: readonly string[];
  destinations: readonly string[];
}

/** What passes an isolated network's router. */
export interface NetworkRules {
  /** Outgoing packets: passed or dropped, but for the exceptions. */
  egress: { passes: boolean; except: readonly PacketMatch[] };
  addresses: readonly PublicAddressRules[];
}

export interface PublicAddressRules {
  /** 127.x.y.z on the host. */
  publicAddress: string;
  /** Nothing else reaches the address. */
  allowed: readonly PacketMatch[];
  /** Static NAT: every port is this guest's. */
  guest?: string;
  ports: readonly {
    protocol: "tcp" | "udp";
    ports: readonly [number, number];
    guest: string;
    /** First one on the guest's side. */
    guestPort: number;
  }[];
}

export interface GuestNetworks {
  ensureNetwork(spec: GuestNetworkSpec): Promise<void>;
  removeNetwork(id: string): Promise<void>;
  /** Publishes lease, DNS name, metadata and the host's way in; replaces what was there for this instance. */
  publish(networkId: string, guest: GuestRecord): Promise<void>;
  /** Replaces the rules of an isolated network; of one that is not on the host it does nothing. */
  setRules(networkId: string, rules: NetworkRules): Promise<void>;
  withdraw(networkId: string, instanceId: string): Promise<void>;
  /** Removes every process, interface, namespace and firewall rule of the lab. */
  down(): Promise<void>;
}
