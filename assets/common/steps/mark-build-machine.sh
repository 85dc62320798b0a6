#!/usr/bin/env bash
# Marks this machine as one that was made to become a template: without the mark no operation of the seal runs.
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"

if [[ -e $root/var/lib/ossea/sealed-at ]]; then
  stop "this machine was made from a sealed template: it is an appliance already, and none can be built on it"
fi
install -d -m 0755 "$root/etc/ossea"
printf 'This machine was made to become a template. The seal destroys its identity.\n' >"$root/etc/ossea/build-machine"
