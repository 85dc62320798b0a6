import * as pulumi from "@pulumi/pulumi";
import type { Appliance, User } from "../appliances/types.ts";
import type { BuildRecord } from "../inputs/build-record.ts";
import { machineChecks, machineChecksPath } from "../inputs/machine-checks.ts";
import { type Sources, stepsFolder } from "../inputs/sources.ts";
import { type ChainLink, chain } from "./chain.ts";
import type { MachineAccess } from "./machine-access.ts";

export interface SystemArgs {
  machine: MachineAccess;
  appliance: Appliance;
  sources: Sources;
  record: BuildRecord;
}

/** The operating system made ready: right version and size, packages, no cloud-init, users, directories, files, firewall and sshd. */
export class System extends pulumi.ComponentResource {
  constructor(name: string, args: SystemArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:System", name, {}, opts);
    chain(this, name, args.machine, systemLinks(args.appliance, args.sources, args.record));
    this.registerOutputs();
  }
}

/** The steps in their order. */
export function systemLinks(
  appliance: Appliance,
  sources: Sources,
  record: BuildRecord,
): (ChainLink & { parameters: string[] })[] {
  const { machine } = appliance;
  const link = (name: string, parameters: string[]) => ({
    name,
    script: `${stepsFolder}/${name}.sh`,
    parameters,
  });
  return [
    link("base-check", [
      ...machine.os.map((os) => `os=${os}`),
      `cpu=${machine.cpu}`,
      `memory_mib=${machine.memoryGiB * 1024}`,
      `disk_gib=${machine.rootDiskGiB}`,
    ]),
    link("mark-build-machine", []),
    link(
      "install-packages",
      appliance.packages.map((item) => `package=${item}`),
    ),
    link("remove-cloud-init", []),
    link("create-users", appliance.users.map(userLine)),
    link("install-files", [
      ...appliance.directories.map(({ path, mode, owner }) => `directory=${path}|${mode}|${owner}`),
      ...appliance.files.map(({ from, to, mode, owner }) => `file=${from}|${to}|${mode}|${owner}`),
      ...appliance.links.map(({ path, target }) => `link=${path}|${target}`),
    ]),
    link("record-build", [`record=${JSON.stringify(record)}`]),
    link("switch-updates", [`automatic=${yesNo(record.securityUpdates)}`]),
    link("install-text", [`path=${machineChecksPath}`, `text=${machineChecks(appliance, sources)}`]),
    link(
      "install-firewall",
      appliance.ports.map(({ port }) => `port=${port}`),
    ),
    link(
      "apply-ssh",
      appliance.sshPorts.map((port) => `port=${port}`),
    ),
  ];
}

const yesNo = (value: boolean) => (value ? "yes" : "no");

function userLine(user: User): string {
  return `user=${[user.name, user.home, user.shell, user.groups.join(","), yesNo(user.system), user.login, yesNo(user.sudo)].join("|")}`;
}
