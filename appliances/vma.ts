/** The VMware Migration Appliance: reads disks in the customer's VMware and sends them through one tunnel to its OMA. */
import {
  baseFiles,
  basePackages,
  firewallUnit,
  http,
  library,
  operatorUser,
  program,
  setting,
} from "./base.ts";
import { commonTwins } from "./checks/twins.ts";
import { vmaChecks } from "./checks/vma.ts";
import { exposuresOf } from "./exposures.ts";
import { commonFirstBoot, commonSeal } from "./operations.ts";
import type { Appliance, Directory, Link, Port, Unit } from "./types.ts";
import { vddkFiles, vddkLinks } from "./vddk.ts";
import { consoleUnit } from "./wizard.ts";

const operator = "vma";
const owner = `${operator}:${operator}`;
const root = "root:root";
const wizard = "/opt/vma/setup-wizard.sh";

const packages = ["haveged", "libnbd-bin", "nbdkit", "open-vm-tools", "openssh-client", ...basePackages];

const ports = [{ port: 22, title: "SSH" }] satisfies Port[];

const directories: readonly Directory[] = [
  { path: "/opt/vma", mode: "0755", owner: root },
  { path: "/opt/vma/bin", mode: "0755", owner: root },
  { path: "/opt/vma/scripts", mode: "0755", owner: root },
  { path: "/opt/vma/config", mode: "0750", owner },
  { path: "/opt/vma/logs", mode: "0750", owner },
  { path: "/opt/vma/enrollment", mode: "0700", owner },
  { path: "/opt/vma/ssh", mode: "0700", owner },
  { path: "/var/log/vma", mode: "0750", owner },
];

const links: readonly Link[] = [
  { path: "/usr/local/bin/migratekit", target: "/opt/vma/bin/migratekit" },
  ...vddkLinks,
];

const units: readonly Unit[] = [
  firewallUnit,
  {
    name: "vma-api.service",
    from: "assets/vma/units/vma-api.service",
    exposureAtMost: 2,
    after: ["nftables.service"],
    enabled: true,
    ready: http(8081, "/api/v1/health", { status: "healthy" }),
  },
  {
    // Without an enrolment it waits for one: the wizard's business.
    name: "vma-ssh-tunnel.service",
    from: "assets/vma/units/vma-ssh-tunnel.service",
    exposureAtMost: 2,
    after: ["vma-api.service"],
    enabled: true,
    ready: { kind: "unit", state: "active", timeoutSeconds: 30 },
  },
  consoleUnit("vma-autologin.service", ["vma-api.service"]),
];

export const vma: Appliance = {
  name: "vma",
  title: "VMware Migration Appliance",
  machine: { cpu: 2, memoryGiB: 4, rootDiskGiB: 20, os: ["ubuntu-24.04", "debian-12"] },
  packages,
  users: [operatorUser(operator)],
  directories,
  artifacts: "assets/vma/artifacts.yaml",
  artifactGroups: [],
  files: [
    setting("assets/vma/tunnel/ssh_config", "/etc/ossea/tunnel/ssh_config"),
    setting("assets/vma/tunnel/enrolment.py", `${library}/tunnel/enrolment.py`),
    program("assets/vma/tunnel/vma_tunnel.py", `${library}/tunnel/vma_tunnel.py`),
    setting("assets/common/enrolment/proof.py", `${library}/enrolment/proof.py`),
    setting("assets/vma/enrolment/enrol.py", `${library}/enrolment/enrol.py`),
    program("assets/vma/enrolment/vma-enrol", "/usr/local/sbin/vma-enrol"),
    ...vddkFiles,
    ...baseFiles({
      console: "assets/vma/wizard/console.json",
      wizard,
      actions: ["assets/vma/wizard/actions/enrol.py", "assets/vma/wizard/actions/tests.py"],
      firstBoot: commonFirstBoot,
    }),
  ],
  links,
  units,
  maskedUnits: ["getty@tty1.service"],
  secretFiles: [],
  ports,
  sshPorts: [22],
  checks: vmaChecks(
    {
      packages,
      operator,
      ports: ports.map(({ port }) => port),
      // The product's API listens on all interfaces, and has no switch for it.
      shielded: [8081],
      exposures: exposuresOf(units),
      hardened: "vma-api",
      console: "vma-autologin",
      wizard,
    },
    directories,
    links,
  ),
  twins: commonTwins,
  wizard,
  seal: commonSeal,
  firstBoot: commonFirstBoot,
};
