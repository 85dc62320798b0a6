#!/usr/bin/env bash
# Runs the operations of the first boot, each until it was done once. Interrupted at any point, by a power cut for
# example, it goes on at the next boot. An operation that ends with 75 lacks something from outside, the network for
# example: it is tried again at the next boot, and the machine comes up without it. What is done is told on the first
# console, in the log, and on standard output.
set -euo pipefail

operations=${OSSEA_OPERATIONS:-/usr/local/lib/ossea/first-boot}
done_folder=${OSSEA_DONE:-/var/lib/ossea/first-boot}
sealed=${OSSEA_SEALED:-/etc/ossea/sealed}
log=${OSSEA_LOG:-/var/log/ossea-first-boot.log}
# Not /dev/console, which may be a serial line that nobody looks at; the setup wizard comes here afterwards.
console=${OSSEA_CONSOLE:-/dev/tty1}
later=75
worst=0

tell() {
  printf '%(%Y-%m-%d %H:%M:%S)T %s\n' -1 "$1" >>"$log"
  printf 'first boot: %s\n' "$1"
  if [[ -c $console ]]; then printf 'first boot: %s\r\n' "$1" >"$console" || true; fi
}

run_operation() { # FILE
  local status name title line started=$EPOCHREALTIME
  name=$(basename "$1" .sh)
  if [[ -e $done_folder/$name ]]; then return; fi
  title=$(sed -n 's/^# title:[[:space:]]*//p' "$1" | head -n 1)
  set +e
  bash "$1" 2>&1 | while IFS= read -r line; do tell "$title: $line"; done
  status=${PIPESTATUS[0]}
  set -e
  case $status in
    0)
      # What it did must be on the disk before the note that it was done.
      sync
      touch "$done_folder/$name"
      tell "$title: done in $(((${EPOCHREALTIME/[.,]/} - ${started/[.,]/}) / 1000)) ms"
      ;;
    "$later") tell "$title: not possible now, tried again at the next boot" ;;
    *)
      tell "$title: failed with $status"
      worst=1
      ;;
  esac
}

all_done() {
  local file
  for file in "$operations"/*.sh; do [[ -e $done_folder/$(basename "$file" .sh) ]] || return 1; done
}

mkdir -p "$done_folder"
for file in "$operations"/*.sh; do run_operation "$file"; done
if all_done; then
  sync
  rm -f "$sealed"
  tell "complete"
fi
exit "$worst"
