#!/usr/bin/env bash
# title: Machine id
# order: 2
# why: two clones with one machine-id ask DHCP for one lease, and their logs cannot be told apart
# what: makes sure that systemd has made one and kept it on the disk; D-Bus uses the same
# verified-by: identity/machine-id
set -euo pipefail

if ! grep -qxE '[0-9a-f]{32}' /etc/machine-id; then systemd-machine-id-setup; fi
if mountpoint --quiet /etc/machine-id; then systemd-machine-id-setup --commit; fi
if [[ -d /var/lib/dbus && ! -e /var/lib/dbus/machine-id ]]; then ln -sfn /etc/machine-id /var/lib/dbus/machine-id; fi
