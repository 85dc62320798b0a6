#!/usr/bin/env bash
# Installs Debian packages without recommendations, from the mirrors that the machine is configured for.
#
# package=NAME   repeated
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"
read_parameters 'package=*'
mapfile -t packages < <(values package)
((${#packages[@]} > 0)) || stop "no package was named"

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
apt=(apt-get --quiet --yes -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o APT::Install-Recommends=false
  # Not synced file by file: a build machine that loses power is thrown away, not repaired.
  -o Dpkg::Options::=--force-unsafe-io -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0)

# A fresh cloud image updates itself soon after its first boot. The timers are held back, and a run that is under way
# is waited for: a job that is ordered after it starts when it is over.
systemctl stop apt-daily.timer apt-daily-upgrade.timer 2>/dev/null || true
systemd-run --quiet --wait --property=After='apt-daily.service apt-daily-upgrade.service unattended-upgrades.service' true

"${apt[@]}" update
"${apt[@]}" install -- "${packages[@]}"
printf 'installed: %s\n' "$(dpkg-query --show --showformat='${Package} ${Version}, ' -- "${packages[@]}")"
