#!/usr/bin/env bash
# {configured, switched, same, reboots}: what the build was told, what apt does, whether that is the same, and whether it
# would reboot by itself.
set -euo pipefail

setting() { apt-config shell value "$1" | sed -n "s/^value='\(.*\)'$/\1/p"; }

switched=$(setting APT::Periodic::Unattended-Upgrade)
jq --compact-output --null-input \
  --slurpfile build /etc/ossea/build.json \
  --arg switched "${switched:-0}" \
  --arg reboots "$(setting Unattended-Upgrade::Automatic-Reboot)" \
  '{configured: $build[0].securityUpdates, switched: ($switched == "1"), same: ($build[0].securityUpdates == ($switched == "1")), reboots: $reboots}'
