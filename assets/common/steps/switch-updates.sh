#!/usr/bin/env bash
# Switches the installation of security updates on or off, as the stack's configuration says.
#
# automatic=yes|no
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"
read_parameters automatic=

case $(value automatic) in
  yes) switch=1 ;;
  no) switch=0 ;;
  *) stop "automatic is yes or no, not '$(value automatic)'" ;;
esac
install -d -m 0755 "$root/etc/apt/apt.conf.d"
printf 'APT::Periodic::Update-Package-Lists "%s";\nAPT::Periodic::Unattended-Upgrade "%s";\n' "$switch" "$switch" \
  >"$root/etc/apt/apt.conf.d/20auto-upgrades"
printf 'security updates are installed automatically: %s\n' "$(value automatic)"
