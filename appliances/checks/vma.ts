/** Every check of the VMA. */
import { localForwards, tunnel } from "../tunnel.ts";
import type { Directory, Link } from "../types.ts";
import { vddkChecks } from "../vddk.ts";
import { type Base, baseChecks } from "./base.ts";
import { always, check, httpHealthy, unitRuns, unitSteady } from "./make.ts";
import type { Check } from "./types.ts";

export function vmaChecks(
  base: Base,
  directories: readonly Directory[],
  links: readonly Link[],
): readonly Check[] {
  return [
    ...baseChecks(base),
    unitRuns("vma-api", base.operator),
    unitRuns("vma-ssh-tunnel", base.operator),
    ...["vma-api", "vma-ssh-tunnel"].map(unitSteady),
    ...serviceChecks,
    ...directories.map(directoryCheck),
    ...links.map(linkCheck),
    ...["haveged", "open-vm-tools"].map(startsWithTheMachine),
    ...vddkChecks,
    ...tunnelChecks,
  ];
}

const serviceChecks: readonly Check[] = [
  httpHealthy(
    "service/vma-api-health",
    "VMA API answers",
    8081,
    "/api/v1/health",
    { "json.status": { equals: "healthy" }, "json.uptime": { atLeast: 0 } },
    "vma-api",
  ),
];

function directoryCheck({ path, mode, owner }: Directory): Check {
  const [user, group] = owner.split(":");
  return check({
    id: `file${path}`,
    title: `Folder ${path}`,
    why: "a service that cannot write there fails at its first job; one that others can read gives away what is in it",
    fix: `chown ${owner} ${path}; chmod ${mode} ${path}`,
    phases: always,
    probe: { kind: "file", path },
    expect: {
      type: { equals: "directory" },
      mode: { equals: mode },
      owner: { equals: user },
      group: { equals: group },
    },
    plant: `chmod 0777 ${path}`,
  });
}

function linkCheck({ path, target }: Link): Check {
  return check({
    id: `file${path}`,
    title: `Link ${path}`,
    why: "programs and people look for it there",
    fix: `ln -sfn ${target} ${path}`,
    phases: always,
    probe: { kind: "file", path },
    expect: { type: { equals: "link" }, target: { equals: target } },
    plant: `ln -sfn ${target.slice(target.lastIndexOf("/") + 1)} ${path}`,
  });
}

function startsWithTheMachine(name: string): Check {
  return check({
    id: `unit/${name}`,
    title: `${name} starts with the machine`,
    why: "VMware sees and shuts down the appliance through its tools, and a fresh machine needs entropy for its keys",
    fix: `systemctl enable --now ${name}`,
    phases: always,
    probe: { kind: "unit-file", unit: `${name}.service` },
    // Elsewhere than on VMware the tools have nothing to do and stay down.
    expect: { state: { equals: "enabled" } },
    plant: `systemctl disable ${name}`,
  });
}

const script = "assets/vma/checks/tunnel.sh";
const config = "/etc/ossea/tunnel/ssh_config";
const enrolment = "/opt/vma/vma-config.conf";
const key = "/opt/vma/enrollment/vma_enrollment_key";
const told = `printf 'OMA_HOST=192.0.2.1\\nTUNNEL_REMOTE_PORT=9081\\n' > ${enrolment}`;
const keyed = `rm -f ${key}; ssh-keygen -q -t ed25519 -N '' -f ${key}; printf 'oma %s\\n' "$(cut -d ' ' -f 1,2 ${key}.pub)" > /opt/vma/enrollment/known_hosts`;

const tunnelChecks: readonly Check[] = [
  check({
    id: "tunnel/settings",
    title: "The tunnel's forwards and safeguards",
    why: "without a forward nothing is replicated; without the pinned host key somebody else may pass for the OMA",
    fix: `ssh -G -F ${config} oma; compare with appliances/tunnel.ts`,
    probe: { kind: "script", script },
    expect: {
      forwards: { sameSet: localForwards },
      "options.port": { equals: String(tunnel.port) },
      "options.user": { equals: tunnel.user },
      "options.stricthostkeychecking": { equals: "true" },
      "options.globalknownhostsfile": { equals: "none" },
      "options.userknownhostsfile": { equals: "/opt/vma/enrollment/known_hosts" },
      "options.exitonforwardfailure": { equals: "yes" },
      "options.batchmode": { equals: "yes" },
      "options.serveraliveinterval": { equals: String(tunnel.aliveIntervalSeconds) },
      "options.serveralivecountmax": { equals: String(tunnel.aliveCount) },
      "options.sessiontype": { equals: "none" },
    },
    plant: `sed -i 's/StrictHostKeyChecking yes/StrictHostKeyChecking no/' ${config}`,
  }),
  check({
    id: "tunnel/enrolment",
    title: "The enrolment is whole",
    why: "a key that the tunnel cannot read, an OMA that cannot be recognised, or an ssh to a former OMA, and nothing arrives",
    fix: "enrol again in the setup wizard, or mend what is named; then: systemctl restart vma-ssh-tunnel",
    probe: { kind: "script", script },
    expect: { faults: { empty: true } },
    plant: told,
  }),
  check({
    id: "tunnel/up",
    title: "The tunnel is up, where this VMA is enrolled",
    why: "without it no disk reaches the OMA, and the OMA reaches no API",
    fix: "what is seen says why; the setup wizard's Tests try the way to the OMA step by step",
    probe: { kind: "script", script },
    expect: { down: { equals: "" } },
    plant: told,
  }),
];

/** Faults of an enrolment that were seen in the field, planted where there is none. */
export const plantedEnrolments = {
  keyOfRoot: `${told}; ${keyed}`,
  dateWithBlanks: `printf 'OMA_HOST=192.0.2.1\\nSETUP_DATE=Mon 1 Sep 2025\\nthe rest of it\\n' > ${enrolment}`,
  formerOma: `${told}; ${keyed}; chown vma: ${key}; systemctl restart vma-ssh-tunnel; timeout 20 bash -c 'until grep -q 192.0.2.1 /run/vma-tunnel/state.json; do :; done'; sed -i 's/192.0.2.1/192.0.2.2/' ${enrolment}`,
} as const;
