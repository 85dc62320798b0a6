#!/usr/bin/env bash
# The same build as `up`, as a plain shell script does it over one SSH connection: the yardstick of `npm run bench up`.
#
# usage: build.sh FOLDER
#   FOLDER/key, FOLDER/host-key.pub, FOLDER/user-data   access to the build machine, made beforehand
#   FOLDER/deploy, FOLDER/clone                         "name=value" lines of deployVirtualMachine
#   FOLDER/capture                                      "name=value" lines of createTemplate, but the volume
#   FOLDER/build/NNN-*/{command,input}                  steps on the build machine, in their order
#   FOLDER/proof/NNN-*/{command,input}                  steps on the clone
#   FOLDER/call                                         program: COMMAND name=value... -> one JSON line, job waited for
# The endpoint and its keys are in the environment: CLOUDSTACK_API_URL, CLOUDSTACK_API_KEY, CLOUDSTACK_SECRET_KEY.
# What it made is named in FOLDER/made, for who removes it.
set -euo pipefail

folder=$1
control=$(mktemp -d)
trap 'rm -rf "$control"' EXIT

field() { sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p"; }

deploy() { # FILE [name=value...] -> "id address"
  local answer
  mapfile -t parameters <"$1"
  answer=$("$folder/call" deployVirtualMachine "${parameters[@]}" "${@:2}")
  printf 'instance %s\n' "$(field id <<<"$answer")" >>"$folder/made"
  printf '%s %s\n' "$(field id <<<"$answer")" "$(field publicip <<<"$answer")"
}

connect() { # USER ADDRESS OPTION...
  target=$1@$2
  options=(-i "$folder/key" -o BatchMode=yes -o ControlPath="$control/%C" -o LogLevel=ERROR "${@:3}")
  until ssh "${options[@]}" -o ConnectTimeout=2 -o ControlMaster=auto -o ControlPersist=yes "$target" true 2>"$control/error"; do
    if grep -q 'verification failed' "$control/error"; then cat "$control/error" >&2 && exit 1; fi
  done
}

run_steps() { # FOLDER
  local step
  for step in "$1"/*/; do
    # shellcheck disable=SC2029  # the command is meant to be read here
    ssh "${options[@]}" "$target" "$(<"$step/command")" <"$step/input" >"$step/output"
  done
}

read -r build address < <(deploy "$folder/deploy" "userdata=$(base64 -w 0 "$folder/user-data")")
printf '%s %s\n' "$address" "$(<"$folder/host-key.pub")" >"$folder/known_hosts"
connect ossea-build "$address" -o UserKnownHostsFile="$folder/known_hosts" -o StrictHostKeyChecking=yes
ssh "${options[@]}" "$target" 'cloud-init status --wait >/dev/null'
run_steps "$folder/build"
ssh "${options[@]}" -O exit "$target" 2>/dev/null || true

"$folder/call" stopVirtualMachine "id=$build" >/dev/null
volume=$("$folder/call" listVolumes "virtualmachineid=$build" type=ROOT | field id)
mapfile -t parameters <"$folder/capture"
template=$("$folder/call" createTemplate "volumeid=$volume" "${parameters[@]}" | field id)
printf 'template %s\n' "$template" >>"$folder/made"

read -r _ address < <(deploy "$folder/clone" "templateid=$template")
connect oma_admin "$address" -o UserKnownHostsFile="$folder/known_hosts_clone" -o StrictHostKeyChecking=accept-new
run_steps "$folder/proof"
ssh "${options[@]}" -O exit "$target" 2>/dev/null || true
