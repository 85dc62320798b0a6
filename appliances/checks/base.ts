/** Every check that is the same for each appliance but for its names. */
import { identityChecks } from "./identity.ts";
import { always, check, unitRuns, unitSteady } from "./make.ts";
import { operatorChecks } from "./operator.ts";
import { sealChecks } from "./seal.ts";
import { type Security, securityChecks } from "./security.ts";
import { systemChecks } from "./system.ts";
import type { Check } from "./types.ts";

export interface Base extends Security {
  packages: readonly string[];
  /** Who logs in with a key. */
  operator: string;
  /** Unit of the setup wizard, without its ending: "oma-autologin". */
  console: string;
  /** The setup wizard's program. */
  wizard: string;
}

export function baseChecks(base: Base): readonly Check[] {
  return [
    ...systemChecks(base.packages),
    ...operatorChecks,
    operatorUserCheck(base.operator),
    unitRuns("nftables", "root"),
    ...consoleChecks(base),
    ...securityChecks(base),
    ...sealChecks,
    ...identityChecks(base.operator),
  ];
}

function operatorUserCheck(operator: string): Check {
  return check({
    id: `user/${operator}`,
    title: `User ${operator}`,
    why: "services run as this user and operators log in as it, with a key and never with a password",
    fix: "look at the log of the step create-users",
    phases: always,
    probe: { kind: "user", name: operator },
    expect: {
      exists: { equals: true },
      password: { equals: "locked" },
      shell: { equals: "/bin/bash" },
      groups: { contains: "sudo" },
    },
    plant: `usermod --groups '' ${operator}`,
  });
}

function consoleChecks({ console, wizard }: Base): readonly Check[] {
  return [
    unitRuns(console, "root"),
    unitSteady(console),
    check({
      id: "unit/getty-tty1",
      title: "No login prompt on the first console",
      why: "it would fight with the setup wizard for the console",
      fix: "systemctl mask getty@tty1.service",
      probe: { kind: "unit", unit: "getty@tty1.service" },
      expect: { load: { equals: "masked" }, active: { not: "active" } },
      plant: "systemctl unmask getty@tty1.service",
    }),
    ...Object.entries({ unit: "/usr/local/sbin/setup-wizard", program: wizard }).map(([part, path]) =>
      check({
        id: `wizard/${part}`,
        title: `The setup wizard, ${path}`,
        why: "the console would show nothing at all, or an operator not find it",
        fix: "look at the log of the step install-files",
        phases: always,
        probe: { kind: "file", path },
        expect: { mode: { equals: "0755" }, owner: { equals: "root" } },
        plant: `chmod 0644 ${path}`,
      }),
    ),
  ];
}
