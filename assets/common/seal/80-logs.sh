#!/usr/bin/env bash
# title: Logs
# order: 80
# why: the build's log would be told as the clone's, with the build machine's addresses and names in it
# what: removes the journal and older logs, empties the others and the records of logins
# verified-by: seal/logs
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

if [[ -z $root ]]; then
  systemctl stop rsyslog.service syslog.socket 2>/dev/null || true
  # From here on the journal lives in memory, so that the shutdown leaves no line behind.
  journalctl --relinquish-var
fi
rm -rf "$root"/var/log/journal/* "$root"/var/log/installer "$root"/var/log/sysstat/* "$root"/var/log/audit/*
find "$root"/var/log -type f \( -name '*.gz' -o -name '*.[0-9]' -o -name '*.old' \) -delete
find "$root"/var/log -type f -exec truncate --size=0 {} +
