#!/usr/bin/env bash
# {journal, rotation}: the journal's limit as journald reads it ("" for none), and what logrotate has to say against
# its configuration ("" for nothing).
set -euo pipefail

journal=$(systemd-analyze cat-config systemd/journald.conf | sed -n 's/^SystemMaxUse=//p' | tail -n 1)
rotation=$(logrotate --debug /etc/logrotate.conf 2>&1 | grep '^error' || true)
jq --compact-output --null-input --arg journal "$journal" --arg rotation "$rotation" '{$journal, $rotation}'
