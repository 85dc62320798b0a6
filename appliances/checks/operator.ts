/** What keeps an appliance in order while nobody looks: time, logs, updates, backups. */
import { always, check, everywhere } from "./make.ts";
import type { Check } from "./types.ts";

export const operatorChecks: readonly Check[] = [
  check({
    id: "system/build-record",
    title: "The appliance knows its build",
    why: "nobody could say which build a customer's appliance is",
    fix: "look at the log of the step record-build",
    phases: always,
    probe: { kind: "file", path: "/etc/ossea/build.json", text: true },
    expect: {
      type: { equals: "file" },
      text: { matches: '"built": "20[0-9]{2}-[0-9]{2}-[0-9]{2}T' },
    },
    plant: "echo '{}' > /etc/ossea/build.json",
  }),
  check({
    id: "system/time-sync",
    title: "The clock is kept right",
    why: "signatures, certificates and the order of events fail with a wrong clock",
    fix: "systemctl enable --now systemd-timesyncd",
    phases: everywhere,
    probe: { kind: "unit", unit: "systemd-timesyncd.service" },
    // In a container the host keeps the clock and the unit stays down.
    expect: { enabled: { equals: "enabled" } },
    plant: "systemctl disable systemd-timesyncd",
  }),
  check({
    id: "system/clock",
    title: "The clock agrees with a time server",
    // Many a network has none within reach, and its appliances work all the same.
    severity: "warning",
    why: "a clock that runs by itself drifts: signatures of CloudStack are refused and certificates are not valid",
    fix: "timedatectl timesync-status; name a time server of the site in /etc/systemd/timesyncd.conf, NTP=",
    probe: { kind: "script", script: "assets/common/checks/clock.sh" },
    expect: { synchronized: { oneOf: ["yes", "by the host"] } },
    plant:
      "printf '#!/bin/sh\\nexit 1\\n' > /usr/local/bin/systemd-detect-virt; printf '#!/bin/sh\\necho no\\n' > /usr/local/bin/timedatectl; chmod 0755 /usr/local/bin/systemd-detect-virt /usr/local/bin/timedatectl",
  }),
  check({
    id: "system/log-limits",
    title: "Logs are limited and rotated",
    why: "logs that grow without end fill the disk, and with it the database stops",
    fix: "look at /etc/systemd/journald.conf.d and: logrotate --debug /etc/logrotate.conf",
    phases: everywhere,
    probe: { kind: "script", script: "assets/common/checks/log-limits.sh" },
    expect: { journal: { equals: "1G" }, rotation: { equals: "" } },
    plant: "rm /etc/systemd/journald.conf.d/10-ossea.conf",
  }),
  check({
    id: "security/updates",
    title: "Security updates as configured",
    why: "an appliance that updates itself against the customer's will, or not at all, surprises on a bad day",
    fix: "set automatic security updates in the stack's configuration (securityUpdates) and build again",
    phases: everywhere,
    probe: { kind: "script", script: "assets/common/checks/security-updates.sh" },
    expect: { same: { equals: true }, reboots: { equals: "false" } },
    plant: "echo 'Unattended-Upgrade::Automatic-Reboot \"true\";' > /etc/apt/apt.conf.d/99planted",
  }),
];

export const backupChecks: readonly Check[] = [
  check({
    id: "unit/ossea-backup",
    title: "The database is backed up every day",
    why: "after a lost disk or a wrong command there is nothing to go back to",
    fix: "systemctl enable --now ossea-backup.timer; journalctl -u ossea-backup",
    phases: everywhere,
    probe: { kind: "unit", unit: "ossea-backup.timer" },
    expect: { active: { equals: "active" }, enabled: { equals: "enabled" } },
    plant: "systemctl stop ossea-backup.timer",
  }),
];
