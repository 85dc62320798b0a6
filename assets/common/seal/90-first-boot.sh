#!/usr/bin/env bash
# title: First boot
# order: 90
# why: a clone without its first boot has no host keys, no login key and no secrets
# verified-by: identity/first-boot
set -euo pipefail

rm -rf /var/lib/ossea/first-boot
install -d -m 0755 /var/lib/ossea /etc/ossea
systemctl enable --quiet ossea-first-boot.service ossea-first-boot-services.service
# What a clone must make for itself is newer than this file.
touch /var/lib/ossea/sealed-at
touch /etc/ossea/sealed
