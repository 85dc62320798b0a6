#!/usr/bin/env bash
# title: Machine id
# order: 95
# why: two clones with one machine-id ask DHCP for one lease, and their logs cannot be told apart
# verified-by: identity/machine-id
set -euo pipefail

root=${APPLIANCE_ROOT:-}
# Empty and not absent: systemd would take a machine without the file for an unconfigured one, and reset which units
# are enabled.
: >"$root/etc/machine-id"
if [[ -e $root/var/lib/dbus/machine-id && ! -L $root/var/lib/dbus/machine-id ]]; then
  ln -sf /etc/machine-id "$root/var/lib/dbus/machine-id"
fi
