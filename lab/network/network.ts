/**
 * What the lab's API asks of the thing that makes guest networks: bridges, DHCP, DNS, metadata and the host's way
 * in, all inside network namespaces of the lab. Idempotent, and recoverable after a kill, like a machine driver.
 */

export interface GuestNetworkSpec {
  id: string;
  name: string;
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

export interface GuestNetworks {
  ensureNetwork(spec: GuestNetworkSpec): Promise<void>;
  removeNetwork(id: string): Promise<void>;
  /** Publishes lease, DNS name, metadata and the host's way in; replaces what was there for this instance. */
  publish(networkId: string, guest: GuestRecord): Promise<void>;
  withdraw(networkId: string, instanceId: string): Promise<void>;
  /** Removes every process, interface, namespace and firewall rule of the lab. */
  down(): Promise<void>;
}
