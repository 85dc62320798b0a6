/** What every appliance has, whatever else it is for: its form of files and gates, base packages, SSH, firewall, console. */
import { firstBootFiles } from "./operations.ts";
import { operatorFiles, operatorPackages } from "./operator-tools.ts";
import type { FileEntry, Gate, Unit, User } from "./types.ts";
import { wizardFiles, wizardPackages } from "./wizard.ts";

const root = "root:root";

export const library = "/usr/local/lib/ossea";

export const program = (from: string, to: string): FileEntry => ({ from, to, mode: "0755", owner: root });
export const setting = (from: string, to: string): FileEntry => ({ from, to, mode: "0644", owner: root });

export const http = (
  port: number,
  path: string,
  json: Record<string, unknown>,
  timeoutSeconds = 60,
): Gate => ({
  kind: "http",
  port,
  path,
  status: 200,
  json,
  timeoutSeconds,
});

export const basePackages: readonly string[] = [
  "ca-certificates",
  "curl",
  "jq",
  "nbd-client",
  "nftables",
  "openssh-server",
  "openssl",
  "sudo",
  ...operatorPackages,
  ...wizardPackages,
];

export interface BaseFiles {
  /** Path of the appliance's console.json in the project. */
  console: string;
  /** Where the setup wizard's program is looked for. */
  wizard: string;
  /** Modules of its own menu entries. */
  actions: readonly string[];
  firstBoot: readonly string[];
}

export function baseFiles({ console, wizard, actions, firstBoot }: BaseFiles): readonly FileEntry[] {
  return [
    setting("assets/common/ssh/10-ossea.conf", "/etc/ssh/sshd_config.d/10-ossea.conf"),
    ...operatorFiles,
    ...wizardFiles(console, wizard, actions),
    ...["judge.py", "probe.py"].map((name) =>
      setting(`assets/common/probe/${name}`, `${library}/probe/${name}`),
    ),
    program("assets/common/probe/run_checks.py", `${library}/probe/run_checks.py`),
    ...firstBootFiles(firstBoot),
  ];
}

export const firewallUnit: Unit = {
  name: "nftables.service",
  after: [],
  enabled: true,
  ready: { kind: "unit", state: "exited", timeoutSeconds: 30 },
};

/** Who administers the appliance: a key lets them in, and there is no password. */
export function operatorUser(name: string): User {
  return {
    name,
    home: `/home/${name}`,
    shell: "/bin/bash",
    groups: ["sudo"],
    system: false,
    login: "key",
    sudo: true,
  };
}
