/**
 * A check is a record: what is looked at (probe), what must be seen (expect), why it matters, how to mend it,
 * and which fault its own test plants. Probes run on the machine in one SSH round trip; expectations are data, so
 * that they can travel to the guest provider, to the report and to the appliance itself.
 */
export type Phase =
  /** The build machine before its seal. */
  | "build"
  /** The sealed disk, read beside a running system: probes of files, packages and users alone. */
  | "sealed"
  /** A clone after its first boot. */
  | "clone"
  /** The same clone after its next boot. */
  | "reboot"
  /** An appliance in use, by its operator: what its use may change is not looked at. */
  | "live";

export const groups = [
  "system",
  "packages",
  "users",
  "files",
  "units",
  "sockets",
  "http",
  "sql",
  "security",
  "identity",
  "seal",
  "boot",
] as const;

/** Under which a report shows the check. */
export type Group = (typeof groups)[number];

/** A check as machines and reports know it. */
export interface AskedCheck {
  /** "service/oma-api-health": folder/name, unique. */
  id: string;
  title: string;
  group: Group;
  phases: readonly Phase[];
  severity: "error" | "warning";
  why: string;
  /** What a person should do when it is red. */
  fix: string;
  probe: Probe;
  /** Path in the probe's answer ("json.status", "mode", "" for the whole) -> what it must be. All must hold. */
  expect: Readonly<Record<string, Matcher>>;
}

export interface Check extends AskedCheck {
  /** The fault that the check's mutation test plants: a shell command run as root in the machine. */
  plant: string;
}

/** What is looked at. The answer's shape is given behind each kind. A secret's value never leaves the machine. */
export type Probe =
  /** {load, active, sub, enabled, user, restarts, execMainStatus, requires: string[]} */
  | { kind: "unit"; unit: string }
  /** {failed: string[]} units in state failed */
  | { kind: "failed-units" }
  /** {status, json?, body (first 2 KiB), error?} asked on the machine at 127.0.0.1 */
  | { kind: "http"; port: number; path: string; timeoutSeconds?: number }
  /** {sockets: ["tcp 0.0.0.0:22", ...], addresses: [...] of the asked port} */
  | { kind: "listen"; port?: number }
  /** {exists, type, mode, owner, group, size, sha256, target, text?}; text only when asked and not secret */
  | { kind: "file"; path: string; text?: boolean; secret?: boolean }
  /** {paths: string[]} that match a shell glob */
  | { kind: "glob"; pattern: string }
  /** {defined, length, base64Bytes, placeholder} of one variable; never the value */
  | { kind: "environment-file"; path: string; variable: string }
  /** {rows: object[], error?} run as the database's root over the local socket */
  | { kind: "sql"; database: string; query: string }
  /** {installed, version} */
  | { kind: "package"; name: string }
  /** {exists, uid, gid, home, shell, groups, password: "locked" | "none" | "set"} */
  | { kind: "user"; name: string }
  /** {id, versionId, name} */
  | { kind: "os-release" }
  /** Whatever the script prints as JSON; a file under assets/, run as root. */
  | { kind: "script"; script: string }
  /** {state: "enabled" | "masked" | ... | "not-found"} as the disk says; a unit's own state is of kind "unit" */
  | { kind: "unit-file"; unit: string };

export type Matcher =
  | { equals: unknown }
  | { not: unknown }
  | { oneOf: readonly unknown[] }
  /** A pattern as Python reads it, looked for anywhere in the text. */
  | { matches: string }
  | { contains: unknown }
  | { lacks: unknown }
  | { atLeast: number }
  | { atMost: number }
  /** The same members in any order; the report names the missing and the extra ones. */
  | { sameSet: readonly unknown[] }
  | { empty: true };

/** One evaluated check, as in every form of the report. */
export interface CheckResult {
  id: string;
  title: string;
  group: Group;
  severity: Check["severity"];
  /** "unknown" when the probe itself could not answer; it counts as failed. "waived" is red, and known to be. */
  outcome: "passed" | "failed" | "unknown" | "waived";
  /** What was expected and what was seen, for people; secrets never appear. */
  detail: string;
  why: string;
  fix: string;
  seconds: number;
  /** Of a waived one. */
  waiver?: Waiver;
}

/** A red check that somebody answers for, until a day. */
export interface Waiver {
  reason: string;
  owner: string;
  /** The last day on which it holds: "2026-12-31". */
  expires: string;
}

/** What two clones of one template are compared by. */
export interface AskedTwinCheck {
  /** "twins/machine-id". */
  id: string;
  title: string;
  why: string;
  fix: string;
  /** Path in the facts of a machine: "identity.machine-id". */
  fact: string;
  /** "differ": no value of one is among the other's. "be equal": in depth. */
  must: "differ" | "be equal";
  /** Fine when neither machine has it. By default a fact that is missing cannot be judged. */
  optional?: boolean;
}

export interface TwinCheck extends AskedTwinCheck {
  /** The fault that its test plants in one machine's facts. */
  plant: string;
}
