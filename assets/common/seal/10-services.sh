#!/usr/bin/env bash
# title: Services
# order: 10
# why: a service that writes while the machine is captured leaves half-written files in every clone
# verified-by: system/failed-units
set -euo pipefail

if [[ ! -d /var/tmp/appliance || ! -f /etc/ossea/units || -e /etc/ossea/sealed ]]; then
  printf 'this is no build machine; the seal would destroy its identity\n' >&2
  exit 1
fi
systemctl stop apt-daily.timer apt-daily-upgrade.timer 2>/dev/null || true
mapfile -t units </etc/ossea/units
systemctl stop "${units[@]}"
