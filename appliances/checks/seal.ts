/** What no clone may inherit, looked at on the sealed disk and on a clone. */
import { check, noPaths, sealed } from "./make.ts";
import type { Check, Phase } from "./types.ts";

/** What an operator leaves there is theirs. */
const onFreshClones: readonly Phase[] = ["clone", "reboot"];

export const sealChecks: readonly Check[] = [
  check({
    id: "seal/builder",
    title: "Nothing is left of the builder",
    why: "the build user's key would open every clone to whoever built the template",
    fix: "look at assets/common/seal/96-access.sh, then build again: a template is never patched",
    phases: sealed,
    probe: { kind: "script", script: "assets/common/checks/builder.sh" },
    expect: { traces: { empty: true } },
    plant: "useradd --create-home ossea-build",
  }),
  noPaths({
    id: "seal/payload",
    title: "The payload is gone",
    why: "scripts and artifacts of the build take room and tell how it was made",
    fix: "look at assets/common/seal/96-access.sh, then build again",
    phases: sealed,
    pattern: "/var/tmp/appliance*",
    plant: "mkdir /var/tmp/appliance",
  }),
  noPaths({
    id: "seal/package-lists",
    title: "No package lists or archives",
    why: "hundreds of megabytes in every clone, out of date on the day of its first boot",
    fix: "look at assets/common/seal/40-packages.sh, then build again",
    phases: sealed,
    pattern: "/var/lib/apt/lists/*_*",
    plant: "touch /var/lib/apt/lists/planted_Packages",
  }),
  check({
    id: "seal/histories",
    title: "No histories",
    why: "what was typed while the appliance was built is nobody's business, and may hold secrets",
    fix: "look at assets/common/seal/50-histories.sh, then build again",
    phases: sealed,
    probe: { kind: "script", script: "assets/common/checks/leftovers.sh" },
    expect: { histories: { empty: true } },
    // Any user's, not root's alone.
    plant: 'touch "$(getent passwd 1000 1001 | head -n 1 | cut -d: -f6)/.mysql_history"',
  }),
  noPaths({
    id: "seal/temporary-files",
    title: "No dumps and backups of the build",
    why: "core dumps and password backups hold secrets of the build machine",
    fix: "look at assets/common/seal/60-temporary-files.sh, then build again",
    phases: sealed,
    pattern: "/var/lib/systemd/coredump/*",
    plant: "mkdir -p /var/lib/systemd/coredump; touch /var/lib/systemd/coredump/core.planted",
  }),
  check({
    id: "seal/credentials",
    title: "No credentials and private keys of the build",
    why: "a token or key that was used while the appliance was built would be in every customer's hands",
    fix: "look at assets/common/seal/45-credentials.sh, then build again",
    phases: onFreshClones,
    probe: { kind: "script", script: "assets/common/checks/leftovers.sh" },
    expect: { credentials: { empty: true }, privateKeys: { empty: true } },
    plant: "ssh-keygen -q -t ed25519 -N '' -f /etc/planted",
  }),
  check({
    id: "seal/leftovers",
    title: "No mail, schedules, registrations and backups of the build",
    why: "clones would tell about the build, run its jobs, or be taken for one machine by a vendor's service",
    fix: "look at the files that are named and at assets/common/seal, then build again",
    phases: onFreshClones,
    probe: { kind: "script", script: "assets/common/checks/leftovers.sh" },
    expect: { others: { empty: true } },
    plant: "touch /etc/hosts.bak",
  }),
  noPaths({
    id: "seal/build-mark",
    title: "It is no build machine",
    why: "a seal that somebody starts on it by mistake would destroy it",
    fix: "look at assets/common/seal/99-build-mark.sh, then build again",
    phases: sealed,
    pattern: "/etc/ossea/build-machine",
    plant: "touch /etc/ossea/build-machine",
  }),
  check({
    id: "seal/logs",
    title: "No logs of the build",
    why: "the build's log would be told as the clone's, with the build machine's names in it",
    fix: "look at assets/common/seal/80-logs.sh, then build again",
    phases: sealed,
    probe: { kind: "script", script: "assets/common/checks/journal.sh" },
    expect: { foreign: { empty: true } },
    plant: "mkdir -p /var/log/journal/0123456789abcdef0123456789abcdef",
  }),
];
