#!/usr/bin/env bash
# title: Random seeds
# order: 75
# why: clones that start from one seed may make the same keys
# verified-by: identity/random-seed
set -euo pipefail

root=${APPLIANCE_ROOT:-}
# Stopped first: otherwise it would write a new seed while the machine shuts down.
if [[ -z $root ]]; then systemctl stop systemd-random-seed.service 2>/dev/null || true; fi
rm -f "$root"/var/lib/systemd/random-seed "$root"/boot/efi/loader/random-seed "$root"/var/lib/systemd/credential.secret
