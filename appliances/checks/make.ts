/** Small constructors for checks that have many brothers. */
import type { Check, Group, Matcher, Phase } from "./types.ts";

/** On every machine that runs. */
export const everywhere: readonly Phase[] = ["build", "clone", "reboot", "live"];
/** On every machine that runs, and true of its disk as well. */
export const always: readonly Phase[] = ["build", "sealed", "clone", "reboot", "live"];
/** Where a first boot made it. */
export const onClones: readonly Phase[] = ["clone", "reboot", "live"];
/** True of an appliance as it is delivered; its use may change it. */
export const asDelivered: readonly Phase[] = ["build", "clone", "reboot"];
/** What the seal took away, before and after the first boot. */
export const sealed: readonly Phase[] = ["sealed", "clone", "reboot"];

type Defaulted = "group" | "phases" | "severity";

export function check(record: Omit<Check, Defaulted> & Partial<Pick<Check, Defaulted>>): Check {
  const { id, title, ...rest } = record;
  return { id, title, group: groupOf(id), phases: everywhere, severity: "error", ...rest };
}

const groupOfFolder: Readonly<Record<string, Group>> = {
  system: "system",
  package: "packages",
  user: "users",
  file: "files",
  "secret-file": "files",
  gui: "files",
  wizard: "files",
  virtio: "files",
  vddk: "files",
  unit: "units",
  socket: "sockets",
  service: "http",
  database: "sql",
  security: "security",
  tunnel: "security",
  identity: "identity",
  seal: "seal",
  boot: "boot",
};

function groupOf(id: string): Group {
  const group = groupOfFolder[id.slice(0, id.indexOf("/"))];
  if (!group) throw new Error(`the check ${id} names no group, and its folder stands for none`);
  return group;
}

export function packageInstalled(name: string): Check {
  return check({
    id: `package/${name}`,
    title: `Package ${name}`,
    phases: always,
    why: "the services and tools of the appliance need it",
    fix: `look at the log of the step install-packages; on the machine: apt-get install ${name}`,
    probe: { kind: "package", name },
    expect: { installed: { equals: true } },
    plant: `sed -i '/^Package: ${name}$/,/^$/s/^Status: .*/Status: deinstall ok config-files/' /var/lib/dpkg/status`,
  });
}

/** A service that runs as the right user and starts with the machine. */
export function unitRuns(name: string, user: string): Check {
  return check({
    id: `unit/${name}`,
    title: `Unit ${name}.service`,
    why: "a service that is not enabled, dies, or runs as the wrong user fails at the customer's",
    fix: `systemctl status ${name}; journalctl -u ${name}`,
    probe: { kind: "unit", unit: `${name}.service` },
    expect: {
      active: { equals: "active" },
      enabled: { equals: "enabled" },
      user: { equals: user },
    },
    plant: `systemctl stop ${name}`,
  });
}

/** In a new appliance a service that was started again has died; in one that is used somebody may have mended it. */
export function unitSteady(name: string): Check {
  return check({
    id: `unit/${name}-steady`,
    title: `${name}.service never died`,
    why: "a service that dies and comes back answers now and then, and breaks what was running",
    fix: `journalctl -b -u ${name}`,
    phases: asDelivered,
    probe: { kind: "unit", unit: `${name}.service` },
    expect: { restarts: { equals: 0 } },
    // Where an earlier fault has stopped it there would be nothing to kill.
    plant: `systemctl start ${name} && systemctl kill --signal=KILL ${name}`,
  });
}

/** Beside an HTTP status the answer must say that the service is well: an error page is no health. */
export function httpHealthy(
  id: string,
  title: string,
  port: number,
  path: string,
  expect: Readonly<Record<string, Matcher>>,
  unit: string,
): Check {
  return check({
    id,
    title,
    why: "a process that runs and a service that works are two things",
    fix: `curl -i http://127.0.0.1:${port}${path}; journalctl -u ${unit}`,
    probe: { kind: "http", port, path },
    expect: { status: { equals: 200 }, ...expect },
    plant: `systemctl stop ${unit}`,
  });
}

export function sqlAnswers(record: {
  id: string;
  title: string;
  why: string;
  fix: string;
  database: string;
  query: string;
  expect: Readonly<Record<string, Matcher>>;
  plant: string;
  phases?: readonly Phase[];
}): Check {
  const { database, query, expect, ...rest } = record;
  const columns = Object.entries(expect).map(([column, matcher]) => [`rows.0.${column}`, matcher]);
  return check({ ...rest, probe: { kind: "sql", database, query }, expect: Object.fromEntries(columns) });
}

/** Only its owner reads it. */
export function secretFile(path: string): Check {
  return check({
    id: `secret-file/${path.slice(path.lastIndexOf("/") + 1)}`,
    title: `Only root reads ${path}`,
    why: "every service and user of the machine could read the secrets in it",
    fix: `chmod 0600 ${path}; chown root:root ${path}`,
    probe: { kind: "file", path, secret: true },
    expect: { type: { equals: "file" }, mode: { equals: "0600" }, owner: { equals: "root" } },
    plant: `chmod 0644 ${path}`,
  });
}

export function noPaths(record: {
  id: string;
  title: string;
  why: string;
  fix: string;
  pattern: string;
  plant: string;
  phases: readonly Phase[];
}): Check {
  const { pattern, ...rest } = record;
  return check({ ...rest, probe: { kind: "glob", pattern }, expect: { paths: { empty: true } } });
}
