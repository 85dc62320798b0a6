#!/usr/bin/env bash
# title: Package lists and archives
# order: 40
# why: hundreds of megabytes in every clone, and lists that are old on the day of the first boot
# verified-by: seal/package-lists
set -euo pipefail

root=${APPLIANCE_ROOT:-}
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/archives/*.deb "$root"/var/cache/apt/archives/partial/* \
  "$root"/var/cache/apt/*.bin "$root"/var/cache/debconf/*-old "$root"/var/lib/dpkg/*-old
