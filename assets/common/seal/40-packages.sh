#!/usr/bin/env bash
# title: Package lists and archives
# order: 40
# why: hundreds of megabytes in every clone, and lists that are old on the day of the first boot
# what: empties apt's lists, archives and caches, and removes what dpkg and debconf keep of older states
# verified-by: seal/package-lists
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/archives/*.deb "$root"/var/cache/apt/archives/partial/* \
  "$root"/var/cache/apt/*.bin "$root"/var/cache/debconf/*-old "$root"/var/lib/dpkg/*-old
