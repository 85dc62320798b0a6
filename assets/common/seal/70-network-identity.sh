#!/usr/bin/env bash
# title: Network identity
# order: 70
# why: clones would bear the build machine's name, and ask the build network for its leases and name servers
# verified-by: identity/host-name identity/name-servers
set -euo pipefail

root=${APPLIANCE_ROOT:-}
rm -rf "$root"/var/lib/dhcp/* "$root"/var/lib/dhcpcd/* "$root"/var/lib/NetworkManager/* "$root"/var/lib/systemd/network/* \
  "$root"/etc/udev/rules.d/70-persistent-net.rules "$root"/etc/hostname
sed -i '/^127\.0\.1\.1[[:space:]]/d' "$root/etc/hosts"
# A link belongs to systemd-resolved, which holds no server of its own.
if [[ -f $root/etc/resolv.conf && ! -L $root/etc/resolv.conf ]]; then : >"$root/etc/resolv.conf"; fi
