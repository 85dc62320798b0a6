#!/usr/bin/env bash
# title: Random seeds
# order: 75
# why: clones that start from one seed may make the same keys
# what: removes the seeds of kernel and boot loader, and systemd's key for credentials
# verified-by: identity/random-seed
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

# Stopped first: otherwise it would write a new seed while the machine shuts down.
if [[ -z $root ]]; then systemctl stop systemd-random-seed.service 2>/dev/null || true; fi
erase "$root"/var/lib/systemd/random-seed "$root"/boot/efi/loader/random-seed "$root"/var/lib/systemd/credential.secret
