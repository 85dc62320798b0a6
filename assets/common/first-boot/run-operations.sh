#!/usr/bin/env bash
# Runs the first-boot operations whose number lies from FIRST to LAST, each until it was done once. Interrupted at any
# point, by a power cut for example, it goes on at the next boot. An operation that ends with 75 lacks something from
# outside, the network for example: it is tried again at the next boot, and the machine comes up without it.
#
# usage: run-operations.sh FIRST LAST
set -euo pipefail

operations=${OSSEA_OPERATIONS:-/usr/local/lib/ossea/first-boot}
done_folder=${OSSEA_DONE:-/var/lib/ossea/first-boot}
sealed=${OSSEA_SEALED:-/etc/ossea/sealed}
first=$1
last=$2
later=75
worst=0

mkdir -p "$done_folder"
# What is older than this file was there before the first boot.
[[ -e $done_folder/begun ]] || touch "$done_folder/begun"

title_of() { sed -n 's/^# title:[[:space:]]*//p' "$1" | head -n 1; }

run_operation() { # FILE NUMBER
  local status=0 name started=$EPOCHREALTIME
  name=$(basename "$1" .sh)
  if [[ -e $done_folder/$name ]]; then return; fi
  bash "$1" || status=$?
  case $status in
    0)
      sync
      touch "$done_folder/$name"
      printf 'first boot: %s: done in %s ms\n' "$(title_of "$1")" $(((${EPOCHREALTIME/[.,]/} - ${started/[.,]/}) / 1000))
      ;;
    "$later") printf 'first boot: %s: not possible now, tried again at the next boot\n' "$(title_of "$1")" ;;
    *)
      printf 'first boot: %s: failed with %s\n' "$(title_of "$1")" "$status" >&2
      worst=1
      ;;
  esac
}

all_done() {
  local file
  for file in "$operations"/*.sh; do [[ -e $done_folder/$(basename "$file" .sh) ]] || return 1; done
}

for file in "$operations"/*.sh; do
  number=$(basename "$file")
  number=$((10#${number%%-*}))
  if ((number >= first && number <= last)); then run_operation "$file"; fi
done
if all_done; then
  rm -f "$sealed"
  printf 'first boot: complete\n'
fi
exit "$worst"
