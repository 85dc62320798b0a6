#!/usr/bin/env bash
# title: Temporary files, dumps and backups
# order: 60
# why: leftovers of the build take room in every clone and may hold secrets
# what: empties /tmp and /var/tmp but for the payload, removes crash and core dumps, and what editors and packages leave beside changed files
# verified-by: seal/temporary-files seal/leftovers
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

# The payload goes with the way in. Folders of running units go with their units.
find "$root"/tmp "$root"/var/tmp -mindepth 1 -maxdepth 1 ! -path "$root/var/tmp/appliance" ! -name 'systemd-private-*' \
  -exec rm -rf {} +
rm -rf "$root"/var/crash/* "$root"/var/lib/apport/coredump/* "$root"/var/lib/systemd/coredump/* "$root"/var/backups/*
find "$root"/etc -xdev -type f \( -name '*~' -o -name '*.bak' -o -name '*.swp' -o -name '*.orig' -o -name '*.dpkg-old' \
  -o -name '*.dpkg-dist' -o -name '*.dpkg-new' -o -name '*.ucf-old' -o -name '*.ucf-dist' \) -delete
