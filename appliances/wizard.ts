/** The setup wizard on the first console: the same program for every appliance, and what this one shows as data. */
import type { FileEntry } from "./types.ts";

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
 */
export function wizardFiles(definition: string): FileEntry[] {
  const place = (from: string, to: string): FileEntry => ({ from, to, mode: "0644", owner: "root:root" });
  return [
    ...modules.map((name) => place(`assets/common/wizard/${name}`, `${library}/${name}`)),
    place(definition, "/etc/ossea/console.json"),
  ];
}
