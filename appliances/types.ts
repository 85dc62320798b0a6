/**
 * What an appliance is, as data. Everything in this folder is a pure value: no Output, no I/O.
 * Paths that begin with "assets/" are relative to the project's folder.
 */
import type { ArtifactContent } from "../common/artifact-manifest.ts";
import type { Check, TwinCheck } from "./checks/types.ts";

export type OperatingSystem = "ubuntu-24.04" | "debian-12";

export interface Appliance {
  /** Short name, the value of the config key `appliance`: "oma". */
  name: string;
  /** Title for people: "OSSEA Migration Appliance". */
  title: string;
  machine: MachineRequirements;
  /** Debian packages, installed without recommendations. */
  packages: readonly string[];
  users: readonly User[];
  directories: readonly Directory[];
  /** Path of the artifact manifest, "assets/oma/artifacts.yaml". */
  artifacts: string;
  /** Parts that a manifest may bring, each group as a whole or not at all. */
  artifactGroups: readonly ArtifactGroup[];
  /** Files placed before the artifacts and units. */
  files: readonly FileEntry[];
  links: readonly Link[];
  /** In start order: a unit is started when every unit it is `after` has passed its gate. */
  units: readonly Unit[];
  /** Units that must not run: masked. */
  maskedUnits: readonly string[];
  database?: Database;
  /** Environment files with secrets, written from stdin, mode 0600. */
  secretFiles: readonly SecretFile[];
  /** TCP ports that the appliance offers to the network; the firewall lets in these and no other. */
  ports: readonly Port[];
  /** Those of them that sshd listens on. */
  sshPorts: readonly number[];
  checks: readonly Check[];
  /** What two clones are compared by. */
  twins: readonly TwinCheck[];
  /** Scripts of seal operations, run in the order of their headers. */
  seal: readonly string[];
  /** The setup wizard's program on the machine: the report shows its first screen. */
  wizard: string;
  /** Scripts of first-boot operations, run in the order of their headers. */
  firstBoot: readonly string[];
}

export interface MachineRequirements {
  cpu: number;
  memoryGiB: number;
  rootDiskGiB: number;
  os: readonly OperatingSystem[];
}

export interface User {
  name: string;
  home: string;
  shell: string;
  groups: readonly string[];
  system: boolean;
  /** "key": an operator logs in with an SSH key. "none": nobody logs in. There is no password login. */
  login: "key" | "none";
  /** May become root by sudo without a password (there is no password to ask for). */
  sudo: boolean;
}

export interface Directory {
  path: string;
  mode: string;
  owner: string;
}

export interface FileEntry {
  /** Source in the project. */
  from: string;
  /** Absolute path in the machine. */
  to: string;
  /** Octal, four digits: "0644". */
  mode: string;
  /** "user:group". */
  owner: string;
}

/** A symbolic link. What it leads to may come later. */
export interface Link {
  /** Absolute path in the machine. */
  path: string;
  /** Absolute path that it leads to. */
  target: string;
}

/** Artifacts that are of use only together, and what the appliance needs beside them. */
export interface ArtifactGroup {
  /** "VirtIO tools". */
  title: string;
  /** What the appliance cannot do without them: "..., so no Windows machine boots after a failover". */
  why: string;
  members: readonly GroupMember[];
  packages: readonly string[];
  directories: readonly Directory[];
  files: readonly FileEntry[];
  checks: readonly Check[];
}

export interface GroupMember {
  /** Its name in the manifest. */
  name: string;
  /** Where the programs look for it. */
  target: string;
  content: ArtifactContent;
}

export interface Unit {
  /** "oma-api.service". */
  name: string;
  /** Source in the project; absent for a unit that a Debian package brings. */
  from?: string;
  /** The highest exposure that `systemd-analyze security` may see, 0 (closed) to 10; absent for a unit that does its work once. */
  exposureAtMost?: number;
  /** Names of units in this list that must be ready before this one starts. */
  after: readonly string[];
  enabled: boolean;
  /** When the unit counts as ready. A unit state alone is never enough. */
  ready: Gate;
}

/** Evidence that a service does its work, asked until it holds or the time is over. */
export type Gate =
  | {
      kind: "http";
      port: number;
      path: string;
      status: number;
      json: Readonly<Record<string, unknown>>;
      timeoutSeconds: number;
    }
  | { kind: "socket"; port: number; address: string; timeoutSeconds: number }
  | { kind: "sql"; database: string; query: string; equals: string; timeoutSeconds: number }
  | { kind: "unit"; state: "active" | "exited"; timeoutSeconds: number };

export interface Database {
  name: string;
  user: string;
  characterSet: string;
  collation: string;
  /** SQL with every table, foreign key and view, before any migration. */
  schema: string;
  /** Idempotent seed rows of that schema. */
  seed: string;
  /** Folder of migrations, YYYYMMDDHHMMSS_name.up.sql, applied after the seed in the order of their names. */
  migrations: string;
  /** What must exist after all of them. */
  objects: DatabaseObjects;
}

/** Objects of a database by name. Never a bare count: the right number of wrong tables is wrong. */
export interface DatabaseObjects {
  baseTables: readonly string[];
  views: readonly string[];
  /** "table.column -> table.column", and the rule on delete behind it where it matters: "... CASCADE". */
  foreignKeys: readonly string[];
  characterSet: string;
  collation: string;
  /** Tables with another collation than the database's. */
  collations: Readonly<Record<string, string>>;
}

/** One KEY=value line whose value comes from a secret of the build. */
export interface SecretLine {
  variable: string;
  /** `{databasePassword}` and `{credentialKey}` are replaced. */
  value: string;
}

export interface SecretFile {
  path: string;
  owner: string;
  lines: readonly SecretLine[];
}

export interface Port {
  port: number;
  title: string;
  /** Absent for a port without a page: SSH. */
  url?: string;
}
