#!/usr/bin/env bash
# title: Machine id
# order: 95
# why: two clones with one machine-id ask DHCP for one lease, and their logs cannot be told apart
# what: empties /etc/machine-id, and makes D-Bus's own a link to it
# verified-by: identity/machine-id
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

# Empty and not absent: systemd would take a machine without the file for an unconfigured one, and reset which units
# are enabled; the same holds for the word "uninitialized".
: >"$root/etc/machine-id"
if [[ -e $root/var/lib/dbus/machine-id && ! -L $root/var/lib/dbus/machine-id ]]; then
  ln -sf /etc/machine-id "$root/var/lib/dbus/machine-id"
fi
