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

# Of apt's thousand lines the first tell how much there is to do and some how far it is; the last ones only why it failed.
run_apt() { # ARGUMENT...
  { "${apt[@]}" "$@" 2>&1 || printf 'apt-get failed\n'; } | awk '
    { last[NR % 40] = $0 }
    / newly installed, / { total = $3; print; fflush() }
    /^Setting up / && ++count % 50 == 0 { printf "%d of %d packages are set up\n", count, total; fflush() }
    $0 == "apt-get failed" { failed = 1 }
    END {
      if (!failed) exit 0
      for (line = NR + 1; line <= NR + 40; line++) if (line % 40 in last) print last[line % 40] >"/dev/stderr"
      exit 1
    }'
}

# Told by name: in another release a package may have another one, or belong to nobody's archive.
without_candidate() {
  comm -23 <(printf '%s\n' "${packages[@]}" | sort -u) <(apt-cache policy -- "${packages[@]}" | awk '
    /^[^ ].*:$/ { name = substr($0, 1, length($0) - 1) }
    $1 == "Candidate:" && $2 != "(none)" { print name }' | sort -u)
}

run_apt update
while IFS= read -r package; do fault "the machine's package sources have no $package"; done < <(without_candidate)
stop_on_faults
run_apt install -- "${packages[@]}"
printf 'installed: %s\n' "$(dpkg-query --show --showformat='${Package} ${Version}, ' -- "${packages[@]}")"
