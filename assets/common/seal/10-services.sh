#!/usr/bin/env bash
# title: Services
# order: 10
# why: a service that writes while the machine is captured leaves half-written files in every clone
# what: stops the appliance's units, timers and scheduled jobs
# verified-by: system/failed-units
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

mapfile -t units <"$root/etc/ossea/units"
if [[ -n $root ]]; then exit 0; fi
# Of these a machine has some.
systemctl stop cron.service anacron.timer 'apt-daily*.timer' fstrim.timer e2scrub_all.timer logrotate.timer \
  man-db.timer dpkg-db-backup.timer unattended-upgrades.service 2>/dev/null || true
systemctl stop "${units[@]}"
