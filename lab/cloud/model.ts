/**
 * The rows of the cloud. They are immutable: a change puts a new row in place of the old one (store.ts). `number` is
 * the internal id that the real server shows in names (i-2-3-VM, ROOT-3) and error texts.
 */
import type { DiskImageFormat, LayerId } from "../machines/driver.ts";

export interface Row {
  readonly id: string;
  readonly number: number;
}

export interface Domain extends Row {
  readonly name: string;
  /** The root domain has none. */
  readonly parentId?: string;
}

export type RoleType = "Admin" | "DomainAdmin" | "User";

export interface Account extends Row {
  readonly name: string;
  readonly domainId: string;
  readonly roleId: string;
  /** An administrator's without a word. */
  readonly role?: RoleType;
  /** By the name of the resource type. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly created: string;
}

/** Its things belong to an account of its own. */
export interface Project extends Row {
  readonly name: string;
  readonly displayText: string;
  readonly accountId: string;
  readonly domainId: string;
  readonly members: readonly { readonly accountId: string; readonly leads: boolean }[];
  readonly created: string;
}

export interface User extends Row {
  readonly name: string;
  readonly accountId: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
  /** Salt and digest. The administrator's is not here but with the lab's keys. */
  readonly password?: string;
  readonly apiKey?: string;
  readonly secretKey?: string;
  readonly created: string;
}

export interface Zone extends Row {
  readonly name: string;
  readonly token: string;
}

/** `Allocated`: no instance yet, so that nothing of it is on the host. `Setup`: was there with the cloud. */
export type NetworkState = "Allocated" | "Implemented" | "Setup";

export interface Network extends Row {
  readonly name: string;
  readonly state: NetworkState;
  readonly displayText: string;
  readonly zoneId: string;
  readonly networkOfferingId: string;
  readonly accountId: string;
  /** Empty, and so are gateway and netmask, for a network of layer 2. */
  readonly cidr: string;
  readonly gateway: string;
  readonly netmask: string;
  readonly domain: string;
  /** What happens to outgoing traffic for which there is no rule: passed or dropped. */
  readonly egress: boolean;
  readonly created: string;
}

export type GuestIpType = "Shared" | "Isolated" | "L2";

export interface NetworkOffering extends Row {
  readonly name: string;
  readonly displayText: string;
  readonly guestIpType: GuestIpType;
  readonly egressDefault: boolean;
  /** Its guests each get a public address by static NAT. */
  readonly elasticIp?: boolean;
  readonly created: string;
}

export interface ServiceOffering extends Row {
  readonly name: string;
  readonly cpu: number;
  /** MHz */
  readonly cpuSpeed: number;
  readonly memoryMiB: number;
  readonly diskOfferingId: string;
  readonly created: string;
}

export interface DiskOffering extends Row {
  readonly name: string;
  /** 0 where the caller chooses. */
  readonly sizeGiB: number;
  readonly custom: boolean;
  readonly created: string;
}

export interface OsCategory extends Row {
  readonly name: string;
}

export interface OsType extends Row {
  readonly description: string;
  readonly categoryId: string;
}

export interface KeyPair extends Row {
  readonly name: string;
  readonly accountId: string;
  /** Type and key, without the comment. */
  readonly publicKey: string;
  /** MD5 of the key, hex with colons. */
  readonly fingerprint: string;
}

export interface UserData extends Row {
  readonly name: string;
  readonly accountId: string;
  /** Base64. */
  readonly content: string;
  /** Names of variables, joined by commas. */
  readonly params?: string;
}

export interface AffinityGroup extends Row {
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly accountId: string;
}

/** An address that somebody asked for, or that a network got for its source NAT; 127.x.y.z on the host. */
export interface PublicAddress extends Row {
  readonly ipAddress: string;
  readonly accountId: string;
  readonly networkId: string;
  readonly sourceNat: boolean;
  /** Whose traffic all of it is, by static NAT. */
  readonly staticNat?: { readonly instanceId: string; readonly guestIp: string };
  readonly created: string;
}

export type RuleProtocol = "tcp" | "udp" | "icmp" | "all";

export interface FirewallRule extends Row {
  readonly traffic: "Ingress" | "Egress";
  readonly networkId: string;
  /** Of an ingress rule. */
  readonly addressId?: string;
  readonly protocol: RuleProtocol;
  readonly startPort?: number;
  readonly endPort?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly cidrs: readonly string[];
  readonly destinationCidrs: readonly string[];
  /** The port forwarding rule that it was made with, and goes with. */
  readonly forwardingRuleId?: string;
  readonly accountId: string;
}

export interface PortForwardingRule extends Row {
  readonly networkId: string;
  readonly addressId: string;
  readonly protocol: "tcp" | "udp";
  readonly publicPort: number;
  readonly publicEndPort: number;
  readonly privatePort: number;
  readonly privateEndPort: number;
  readonly instanceId: string;
  readonly guestIp: string;
  readonly cidrs: readonly string[];
  readonly accountId: string;
}

export type InstanceState =
  | "Stopped"
  | "Starting"
  | "Running"
  | "Stopping"
  | "Destroyed"
  | "Expunging"
  | "Error";

export interface Nic {
  readonly id: string;
  readonly networkId: string;
  readonly mac: string;
  readonly ipAddress: string;
}

export interface Instance extends Row {
  /** Who deployed it. */
  readonly userId?: string;
  readonly name: string;
  readonly displayName: string;
  /** Name of a group of the account's instances. */
  readonly group?: string;
  readonly accountId: string;
  readonly state: InstanceState;
  readonly zoneId: string;
  readonly templateId: string;
  readonly serviceOfferingId: string;
  readonly osTypeId: string;
  readonly nics: readonly Nic[];
  /** 127.x.y.z on the host, by static NAT, in networks that give each guest one. */
  readonly publicIpId?: string;
  readonly publicIp?: string;
  readonly affinityGroupIds?: readonly string[];
  readonly securityGroupIds?: readonly string[];
  readonly userDataId?: string;
  readonly layers: readonly LayerId[];
  readonly rootDiskGiB: number;
  readonly details: Readonly<Record<string, string>>;
  /** Base64. */
  readonly userData?: string;
  readonly passwordEnabled: boolean;
  readonly deleteProtection: boolean;
  /** Login on the base image, for `lab ssh`. */
  readonly defaultUser: string;
  readonly created: string;
  readonly updated?: string;
  /** Ran when the lab went down, so the next `up` starts it. */
  readonly startWithLab?: boolean;
}

export type VolumeState = "Allocated" | "Creating" | "Ready" | "Expunging";

export interface Volume extends Row {
  readonly name: string;
  /** A root disk without a word. */
  readonly type?: "DATADISK";
  /** Of a data disk that nobody has attached there is none. */
  readonly instanceId?: string;
  /** Of a data disk. */
  readonly diskOfferingId?: string;
  /** Of a data disk that was made of one. */
  readonly snapshotId?: string;
  readonly zoneId?: string;
  readonly deviceId?: number;
  /** When, of a data disk that is. */
  readonly attached?: string;
  readonly accountId?: string;
  readonly state: VolumeState;
  readonly sizeGiB: number;
  readonly created: string;
}

/** Of a root disk: the layers that it had then. */
export interface Snapshot extends Row {
  readonly name: string;
  readonly accountId: string;
  readonly volumeId: string;
  readonly volumeName: string;
  readonly zoneId?: string;
  readonly state: "BackingUp" | "BackedUp";
  readonly layers: readonly LayerId[];
  readonly templateId: string;
  readonly osTypeId: string;
  readonly defaultUser: string;
  readonly details: Readonly<Record<string, string>>;
  /** Bytes. */
  readonly virtualSize: number;
  readonly physicalSize: number;
  readonly created: string;
}

export interface InstanceSnapshot extends Row {
  /** The server's own; what the caller calls it is the display name. */
  readonly name: string;
  readonly displayName?: string;
  readonly description: string;
  readonly accountId: string;
  readonly instanceId: string;
  readonly withMemory: boolean;
  readonly created: string;
}

export interface SecurityRule {
  readonly id: string;
  readonly direction: "ingress" | "egress";
  readonly protocol: string;
  readonly startPort?: number;
  readonly endPort?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly cidr: string;
}

export interface SecurityGroup extends Row {
  readonly name: string;
  readonly description: string;
  readonly accountId: string;
  readonly rules: readonly SecurityRule[];
}

/** `Creating`: its layer is being made. `Stuck`: will never be ready, as a copy that the server lost. */
export type TemplateState = "Creating" | "Downloading" | "Failed" | "Ready" | "Stuck" | "Deleting";

export interface Template extends Row {
  readonly name: string;
  readonly displayText: string;
  readonly accountId: string;
  readonly state: TemplateState;
  readonly builtin: boolean;
  /** Where it was made; what came with the cloud is everywhere. */
  readonly zoneId: string;
  /** Where it was copied to. */
  readonly copiedTo?: readonly string[];
  readonly osTypeId: string;
  readonly layers: readonly LayerId[];
  /** Bytes of the disk as a guest sees it. */
  readonly size: number;
  readonly physicalSize?: number;
  readonly isPublic: boolean;
  readonly isFeatured: boolean;
  readonly isExtractable: boolean;
  readonly passwordEnabled: boolean;
  readonly sshKeyEnabled: boolean;
  readonly requiresHvm: boolean;
  readonly dynamicallyScalable: boolean;
  readonly details: Readonly<Record<string, string>>;
  readonly sourceTemplateId?: string;
  /** Whose root disk is captured; only while Creating. */
  readonly sourceInstanceId?: string;
  /** Where it comes from, when it was registered. */
  readonly download?: TemplateDownload;
  /** Or what it is made of, when that is whole already. */
  readonly sourceSnapshotId?: string;
  readonly permittedAccounts: readonly string[];
  readonly defaultUser: string;
  readonly created: string;
}

export interface TemplateDownload {
  readonly url: string;
  readonly format: DiskImageFormat;
  readonly checksum?: { readonly algorithm: string; readonly value: string };
  /** Hosts fetch it themselves: it is ready before it is there. */
  readonly direct: boolean;
  readonly done: boolean;
  /** Why it failed. */
  readonly fault?: string;
}

/** A disk layer that the lab made; the base images' layers belong to the image cache and are not listed here. */
export interface Layer extends Row {
  readonly created: string;
}

export interface Tag extends Row {
  readonly key: string;
  readonly value: string;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly accountId: string;
}

export interface Job extends Row {
  readonly command: string;
  /** Class name, as the real server gives it. */
  readonly commandClass: string;
  readonly accountId: string;
  readonly userId: string;
  /** 0 pending, 1 succeeded, 2 failed. */
  readonly status: 0 | 1 | 2;
  readonly resultCode: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly instanceType?: string;
  readonly instanceId?: string;
  readonly options?: Readonly<Record<string, string>>;
  /** How the event log tells of it, and the event of its being taken. */
  readonly event?: { readonly type: string; readonly doing: string; readonly scheduledId: string };
  readonly created: string;
  readonly completed?: string;
}

/** Of an act that is a job there is one for each step; of any other the last alone. */
export type EventState = "Created" | "Scheduled" | "Started" | "Completed";

export interface Event extends Row {
  readonly type: string;
  readonly level: "INFO" | "ERROR";
  readonly state: EventState;
  readonly description: string;
  readonly accountId: string;
  readonly userId: string;
  /** Of a job's later events: the one of its being taken. */
  readonly parentId?: string;
  readonly resourceType?: string;
  readonly resourceId?: string;
  readonly created: string;
}

/** What stays of a removed row: its id still passes a parameter check, as on the real server. */
export interface Tombstone extends Row {
  readonly table: TableName;
  /** How error texts describe what it was. */
  readonly text?: string;
}

export interface Tables {
  domains: Domain;
  accounts: Account;
  projects: Project;
  users: User;
  zones: Zone;
  networks: Network;
  networkOfferings: NetworkOffering;
  serviceOfferings: ServiceOffering;
  diskOfferings: DiskOffering;
  osCategories: OsCategory;
  osTypes: OsType;
  keyPairs: KeyPair;
  userData: UserData;
  affinityGroups: AffinityGroup;
  publicAddresses: PublicAddress;
  firewallRules: FirewallRule;
  portForwardingRules: PortForwardingRule;
  instances: Instance;
  volumes: Volume;
  snapshots: Snapshot;
  instanceSnapshots: InstanceSnapshot;
  securityGroups: SecurityGroup;
  templates: Template;
  layers: Layer;
  tags: Tag;
  jobs: Job;
  events: Event;
  tombstones: Tombstone;
}

export type TableName = keyof Tables;

export const tableNames: readonly TableName[] = [
  "domains",
  "accounts",
  "projects",
  "users",
  "zones",
  "networks",
  "networkOfferings",
  "serviceOfferings",
  "diskOfferings",
  "osCategories",
  "osTypes",
  "keyPairs",
  "userData",
  "affinityGroups",
  "publicAddresses",
  "firewallRules",
  "portForwardingRules",
  "instances",
  "volumes",
  "snapshots",
  "instanceSnapshots",
  "securityGroups",
  "templates",
  "layers",
  "tags",
  "jobs",
  "events",
  "tombstones",
];
