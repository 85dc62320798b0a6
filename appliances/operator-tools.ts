/** What an operator finds on every appliance: who it is, how it is, its backups, a bundle for those who help. */
import type { FileEntry, Unit } from "./types.ts";

const owner = "root:root";
const from = (name: string) => `assets/common/operator/${name}`;
const program = (name: string): FileEntry => ({
  from: from(name),
  to: `/usr/local/sbin/${name}`,
  mode: "0755",
  owner,
});
const setting = (name: string, to: string): FileEntry => ({ from: from(name), to, mode: "0644", owner });

export const operatorPackages = ["logrotate", "systemd-timesyncd", "unattended-upgrades"];

export const operatorFiles: readonly FileEntry[] = [
  // Needs no root, so it is where every user looks.
  { ...program("appliance-info"), to: "/usr/local/bin/appliance-info" },
  program("appliance-health"),
  program("appliance-support"),
  setting("masking.py", "/usr/local/lib/ossea/operator/masking.py"),
  setting("journald.conf", "/etc/systemd/journald.conf.d/10-ossea.conf"),
  setting("logrotate", "/etc/logrotate.d/ossea"),
  setting("unattended-upgrades", "/etc/apt/apt.conf.d/52ossea-unattended-upgrades"),
  setting("motd", "/etc/motd"),
];

/** For an appliance with a database. */
export const backupFiles: readonly FileEntry[] = [
  program("appliance-backup"),
  program("appliance-migrate"),
  setting("motd-backup", "/etc/motd.d/20-ossea-backup"),
  setting("ossea-backup.service", "/etc/systemd/system/ossea-backup.service"),
];

export const backupTimer: Unit = {
  name: "ossea-backup.timer",
  from: from("ossea-backup.timer"),
  after: ["mariadb.service"],
  enabled: true,
  ready: { kind: "unit", state: "active", timeoutSeconds: 30 },
};
