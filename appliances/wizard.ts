/** The setup wizard on the first console: the same program for every appliance, and what this one shows as data. */
import type { FileEntry, Unit } from "./types.ts";

const library = "/usr/local/lib/ossea/wizard";

const modules = [
  "__main__.py",
  "console.py",
  "facts.py",
  "health.py",
  "netplan.py",
  "network_settings.py",
  "screen.py",
  "terminal.py",
  "actions/__init__.py",
  "actions/access.py",
  "actions/login.py",
  "actions/network.py",
  "actions/power.py",
  "actions/restart.py",
  "actions/services.py",
  "actions/support.py",
];

/** What the program needs of the system. */
export const wizardPackages = ["iproute2", "iputils-ping", "netplan.io", "python3", "python3-yaml"];

/**
 * @param definition path of the appliance's console.json in the project
 * @param program where an operator looks for it on this appliance
 * @param actions modules in the project that the appliance's own menu entries open
 */
export function wizardFiles(definition: string, program: string, actions: readonly string[]): FileEntry[] {
  const place = (from: string, to: string): FileEntry => ({ from, to, mode: "0644", owner: "root:root" });
  const start = (to: string) => ({ ...place("assets/common/wizard/setup-wizard.sh", to), mode: "0755" });
  return [
    ...modules.map((name) => place(`assets/common/wizard/${name}`, `${library}/${name}`)),
    ...actions.map((path) => place(path, `${library}/actions/${path.slice(path.lastIndexOf("/") + 1)}`)),
    place(definition, "/etc/ossea/console.json"),
    start(program),
    // The unit is every appliance's, and knows this one.
    start("/usr/local/sbin/setup-wizard"),
  ];
}

/** @param name of the unit: "oma-autologin.service"  @param after those that it shows */
export function consoleUnit(name: string, after: readonly string[]): Unit {
  return {
    name,
    from: "assets/common/wizard/autologin.service",
    // What it shuts off would be shut off for whoever logs in through it.
    exposureAtMost: 9.8,
    after,
    enabled: true,
    ready: { kind: "unit", state: "active", timeoutSeconds: 30 },
  };
}
