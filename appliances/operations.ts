/**
 * Operations of the seal and of the first boot, of which an appliance takes those that concern it, and where the first
 * boot finds its own in the machine. Each is one script whose head is its record.
 */
import type { FileEntry } from "./types.ts";

const sealFolder = "assets/common/seal";
const firstBootFolder = "assets/common/first-boot";
const library = "/usr/local/lib/ossea";

const seal = (name: string) => `${sealFolder}/${name}.sh`;
const firstBoot = (name: string) => `${firstBootFolder}/operations/${name}.sh`;

/** For every appliance. */
export const commonSeal: readonly string[] = [
  "10-services",
  "30-secrets",
  "35-tls",
  "40-packages",
  "45-credentials",
  "50-histories",
  "55-mail-and-schedules",
  "60-temporary-files",
  "65-registrations",
  "70-network-identity",
  "75-random-seed",
  "80-logs",
  "90-first-boot",
  "95-machine-id",
  "96-access",
  "98-free-space",
  "99-build-mark",
].map(seal);

/** For one with a database of its own. */
export const databaseSeal: readonly string[] = ["20-database-account"].map(seal);

/** For every appliance. */
export const commonFirstBoot: readonly string[] = [
  "02-machine-id",
  "05-network",
  "10-host-keys",
  "15-tls",
  "20-host-name",
  "30-login-keys",
  "40-attestation",
  "50-name-servers",
].map(firstBoot);

/** For one with a database of its own. */
export const databaseFirstBoot: readonly string[] = ["60-secrets", "70-instance-id"].map(firstBoot);

/** The first boot's unit, what it runs, and what that needs. */
export function firstBootFiles(operations: readonly string[]): FileEntry[] {
  const root = "root:root";
  const program = (from: string, to: string): FileEntry => ({ from, to, mode: "0755", owner: root });
  const setting = (from: string, to: string): FileEntry => ({ from, to, mode: "0644", owner: root });
  return [
    program(`${firstBootFolder}/run-operations.sh`, `${library}/run-operations.sh`),
    ...["instance.bash", "database.bash"].map((name) =>
      setting(`${firstBootFolder}/lib/${name}`, `${library}/lib/${name}`),
    ),
    program(`${firstBootFolder}/attest.py`, `${library}/attest.py`),
    setting("assets/common/steps/network/01-netcfg.yaml", `${library}/network/01-netcfg.yaml`),
    ...operations.map((path) =>
      program(path, `${library}/first-boot/${path.slice(path.lastIndexOf("/") + 1)}`),
    ),
    setting(`${firstBootFolder}/ossea-first-boot.service`, "/etc/systemd/system/ossea-first-boot.service"),
  ];
}
