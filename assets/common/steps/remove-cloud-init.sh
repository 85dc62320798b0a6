#!/usr/bin/env bash
# Removes cloud-init with its configuration and state, and leaves the machine with a network of its own.
#
# cloud-init writes the network configuration with the MAC address of the machine it runs on; a clone has another one.
# In its place: DHCP on every Ethernet interface, told apart by MAC address and not by a machine's id. The running
# network is left alone, the new configuration counts from the next boot. The builder's sudo right, which cloud-init
# wrote, stays until the seal.
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"

write_network() {
  if command -v netplan >/dev/null; then
    rm -f "$root"/etc/netplan/*.yaml
    # Ubuntu's netplan hands this to networkd; the file may one day hold secrets, and netplan warns about another mode.
    install -m 0600 "$payload/assets/common/steps/network/01-netcfg.yaml" "$root/etc/netplan/01-netcfg.yaml"
    netplan generate
  else
    install -D -m 0644 "$payload/assets/common/steps/network/05-ossea-dhcp.network" \
      "$root/etc/systemd/network/05-ossea-dhcp.network"
  fi
  # Name resolution for the neighbours is no task of an appliance, and would be an open port.
  install -D -m 0644 "$payload/assets/common/steps/network/10-ossea-resolved.conf" \
    "$root/etc/systemd/resolved.conf.d/10-ossea.conf"
  systemctl try-restart systemd-resolved.service 2>/dev/null || true
  local file
  for file in "$root"/etc/systemd/network/*.network "$root"/etc/systemd/network/*.link; do
    if [[ -f $file ]] && grep -qE '^[[:space:]]*(Permanent)?MACAddress=' "$file"; then rm -f "$file"; fi
  done
  rm -f "$root"/etc/network/interfaces.d/50-cloud-init* "$root"/etc/udev/rules.d/*cloud-init*
  # Two programs that both ask for leases get in each other's way.
  if systemctl is-enabled --quiet networking.service 2>/dev/null; then systemctl disable --quiet networking.service; fi
  systemctl enable --quiet systemd-networkd.service
}

ensure_localhost() {
  touch "$root/etc/hosts"
  if ! grep -qE '^127\.0\.0\.1[[:space:]].*\blocalhost\b' "$root/etc/hosts"; then
    sed -i '1i 127.0.0.1 localhost' "$root/etc/hosts"
  fi
}

write_network
ensure_localhost
if dpkg-query --show cloud-init >/dev/null 2>&1; then
  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
  # systemd waits for a unit's processes when its package goes; cloud-init's last stage is over by now.
  apt-get --quiet --yes -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 purge cloud-init
fi
# The user data held the key of the build machine's host: overwritten, so that it is not in free space either.
find "$root/var/lib/cloud" -xdev -type f -exec shred --force --iterations=0 --zero {} + 2>/dev/null || true
rm -rf "$root"/etc/cloud "$root"/var/lib/cloud "$root"/run/cloud-init "$root"/var/log/cloud-init*.log
rm -f "$root"/etc/ssh/sshd_config.d/*cloud-init*.conf "$root"/etc/apt/apt.conf.d/*cloud-init* \
  "$root"/etc/rsyslog.d/*cloud-init*.conf "$root"/etc/systemd/system/*/cloud-*.service
systemctl daemon-reload
systemctl reset-failed 'cloud-*' 2>/dev/null || true
command -v python3 >/dev/null || stop "python3 went with cloud-init; it must be among the appliance's packages"
