#!/usr/bin/env bash
# title: First boot
# order: 90
# why: a clone without its first boot has no host keys, no login key and no secrets
# what: enables the unit of the first boot, forgets that any of its operations was done, and notes the time of the seal
# verified-by: identity/first-boot
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

rm -rf "$root/var/lib/ossea/first-boot"
install -d -m 0755 "$root/var/lib/ossea" "$root/etc/ossea"
systemctl --quiet ${root:+--root="$root"} enable ossea-first-boot.service
# What a clone must make for itself is newer than this file.
touch "$root/var/lib/ossea/sealed-at"
touch "$root/etc/ossea/sealed"
