#!/usr/bin/env bash
# Writes what this build is, for appliance-info: the record that the program made, and the time of the build.
#
# record=LINE   a JSON object on one line
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"
read_parameters record=

install -d -m 0755 "$root/etc/ossea"
value record | jq --arg built "$(date --utc +%Y-%m-%dT%H:%M:%SZ)" '. + {built: $built}' >"$root/etc/ossea/build.json"
chmod 0644 "$root/etc/ossea/build.json"
printf 'build of %s\n' "$(jq -r .built "$root/etc/ossea/build.json")"
