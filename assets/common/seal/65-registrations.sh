#!/usr/bin/env bash
# title: Registrations of this machine
# order: 65
# why: clones that bear one id with a vendor's service are taken for one machine there, and steal each other's licence
# what: removes the ids and tokens of Ubuntu Pro, Landscape, pollinate, popularity-contest, whoopsie and fwupd
# verified-by: seal/leftovers
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

erase "$root"/var/lib/ubuntu-advantage/private "$root"/var/lib/landscape/client "$root"/var/lib/fwupd/pki
rm -rf "$root"/var/cache/pollinate/* "$root"/var/lib/whoopsie/whoopsie-id "$root"/var/lib/ubuntu-advantage/machine-token.json
if [[ -f $root/etc/popularity-contest.conf ]]; then sed -i '/^MY_HOSTID=/d' "$root/etc/popularity-contest.conf"; fi
