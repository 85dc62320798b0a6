#!/usr/bin/env bash
# title: The mark of a build machine
# order: 99
# why: a seal that somebody starts on a clone by mistake would destroy a customer's appliance
# what: removes the mark without which no operation of the seal runs
# verified-by: seal/build-mark
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

rm -f "$build_mark"
sync
