#!/usr/bin/env bash
# title: Mail and personal schedules
# order: 55
# why: mail to the builder tells about the build, and a job somebody scheduled by hand would run at every customer's
# what: empties mailboxes, mail queues and the personal tables of cron and at, and forgets when timers last ran; the system's own schedules stay
# verified-by: seal/leftovers
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

rm -rf "$root"/var/mail/* "$root"/var/spool/mqueue/* "$root"/var/spool/cron/crontabs/* "$root"/var/spool/cron/atjobs/[!.]* \
  "$root"/var/spool/cron/atspool/*
# With the build's day in them every clone would make up for all that it missed, at its first boot and at once.
rm -f "$root"/var/lib/systemd/timers/stamp-*
