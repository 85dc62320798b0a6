#!/usr/bin/env bash
# title: Network identity
# order: 70
# why: clones would bear the build machine's name, and ask the build network for its leases and name servers
# what: removes host name, leases, DHCP identifiers, rules and files bound to a MAC address, iSCSI and multipath names; one network configuration stays
# verified-by: identity/host-name identity/name-servers system/network-configuration
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

rm -rf "$root"/var/lib/dhcp/* "$root"/var/lib/dhclient/* "$root"/var/lib/dhcpcd/* "$root"/var/lib/NetworkManager/* \
  "$root"/var/lib/systemd/network/* "$root"/etc/udev/rules.d/70-persistent-net.rules "$root"/etc/hostname \
  "$root"/etc/machine-info "$root"/etc/multipath/wwids "$root"/etc/multipath/bindings "$root"/etc/lvm/devices/system.devices
if [[ -f $root/etc/iscsi/initiatorname.iscsi ]]; then
  # Its service makes a name when it starts.
  printf 'GenerateName=yes\n' >"$root/etc/iscsi/initiatorname.iscsi"
fi
sed -i '/^127\.0\.1\.1[[:space:]]/d' "$root/etc/hosts"
# A link belongs to systemd-resolved, which holds no server of its own.
if [[ -f $root/etc/resolv.conf && ! -L $root/etc/resolv.conf ]]; then : >"$root/etc/resolv.conf"; fi
# What another file says of an interface would count beside the setup wizard's, or against it.
if [[ -d $root/etc/netplan ]]; then
  find "$root/etc/netplan" -name '*.yaml' ! -name 01-netcfg.yaml -delete
  if [[ -f $root/etc/netplan/01-netcfg.yaml ]]; then chmod 0600 "$root/etc/netplan/01-netcfg.yaml"; fi
fi
if [[ -d $root/etc/systemd/network ]]; then
  find "$root/etc/systemd/network" -name '*.network' ! -name 05-ossea-dhcp.network -delete
fi
