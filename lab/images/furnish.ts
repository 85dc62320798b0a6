/** What makes an installation the image of a cloud. It holds no key, no machine id and no password. */
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { host } from "../host.ts";
import { certificateBundle, certificatesIn, type HostSettings } from "./host-settings.ts";
import type { Release } from "./release.ts";
import { oneLine } from "./sources.ts";

/** What a cloud's image has and a bare installation has not. */
export async function furnish(release: Release, settings: HostSettings, root: string): Promise<void> {
  const write = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    rmSync(join(root, path), { force: true });
    writeFileSync(join(root, path), text, { mode });
  };
  write("etc/cloud/cloud.cfg.d/90-lab.cfg", cloudConfig(release.distribution.id));
  write(
    "etc/systemd/network/20-wired.network",
    "[Match]\nType=ether\n\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n\n[DHCPv4]\nUseDomains=yes\n",
  );
  write(
    "etc/apt/sources.list",
    `${release.sources.map(({ signedBy: _, ...source }) => oneLine(source)).join("\n")}\n`,
  );
  const apt = ['Acquire::Languages "none"', 'Acquire::Retries "3"', ...settings.apt];
  write("etc/apt/apt.conf.d/90-lab", apt.map((line) => `${line};\n`).join(""));
  write("etc/default/locale", "LANG=C.UTF-8\n");
  // Left to cloud-init it restarts sshd under the first login.
  write("etc/ssh/sshd_config.d/60-cloudimg-settings.conf", "PasswordAuthentication no\n");
  write("etc/hostname", "localhost\n");
  write("etc/machine-id", "");
  write("etc/fstab", "");
  if (settings.npm.length > 0) write("etc/npmrc", lines(settings.npm));
  const environment = [...settings.environment, ...trust(settings.authorities, root, write)];
  if (environment.length > 0) write("etc/environment", lines(environment));
  await host("chroot", [root, "update-ca-certificates"]);
  await host("chroot", [root, "systemctl", "enable", "systemd-networkd", "systemd-resolved", "ssh"]);
  // Each instance makes its own.
  for (const name of readdirSync(join(root, "etc/ssh"))) {
    if (name.startsWith("ssh_host_")) rmSync(join(root, "etc/ssh", name));
  }
  rmSync(join(root, "etc/resolv.conf"), { force: true });
  symlinkSync("../run/systemd/resolve/stub-resolv.conf", join(root, "etc/resolv.conf"));
}

/**
 * Packages come over the network that the host is in: what the host trusts there, its guests must.
 * @returns lines for the environment
 */
function trust(
  authorities: readonly string[],
  root: string,
  write: (path: string, text: string) => void,
): string[] {
  const known = new Set(certificatesIn(join(root, "etc/ssl/certs/ca-certificates.crt")));
  const added = authorities.filter((certificate) => !known.has(certificate));
  for (const [index, certificate] of added.entries()) {
    write(`usr/local/share/ca-certificates/host-${index}.crt`, `${certificate}\n`);
  }
  // Node.js has a list of its own.
  return added.length > 0 ? [`NODE_EXTRA_CA_CERTS=${certificateBundle}`] : [];
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}

function cloudConfig(defaultUser: string): string {
  return [
    "datasource_list: [CloudStack]",
    "network: { config: disabled }",
    "locale: C.UTF-8",
    "apt: { preserve_sources_list: true }",
    "manage_etc_hosts: localhost",
    "disable_root: true",
    "system_info:",
    "  default_user:",
    `    name: ${defaultUser}`,
    "    lock_passwd: true",
    "    groups: [adm, sudo]",
    '    sudo: ["ALL=(ALL) NOPASSWD:ALL"]',
    "    shell: /bin/bash",
    "",
  ].join("\n");
}
