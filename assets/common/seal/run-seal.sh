#!/usr/bin/env bash
# Seals this build machine: runs the operations one after the other, and says how long each took. They are run from a
# copy in memory, since one of them removes the payload, and nobody can log in any more to run the ones behind it.
#
# operation=PATH   repeated, in order; a path in the project
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/build-machine.bash
source "$here/lib/build-machine.bash"
# shellcheck source=../steps/lib/parameters.bash
source "$here/../steps/lib/parameters.bash"
read_parameters 'operation=*'
mapfile -t operations < <(values operation)
for operation in "${operations[@]}"; do
  [[ -f $payload/$operation ]] || fault "$operation was not copied to the machine"
done
((${#operations[@]} > 0)) || fault "no operation was named"
stop_on_faults

copy=$(mktemp -d -p /run ossea-seal-XXXXXX)
mkdir "$copy/lib"
cp "$here"/lib/*.bash "$copy/lib/"
names=()
for operation in "${operations[@]}"; do
  cp "$payload/$operation" "$copy/"
  names+=("$(basename "$operation")")
done
cd /

begun=$EPOCHREALTIME
milliseconds_since() { printf '%s' "$(((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}) / 1000))"; }
for name in "${names[@]}"; do
  title=$(sed -n 's/^# title:[[:space:]]*//p' "$copy/$name" | head -n 1)
  started=$EPOCHREALTIME
  bash "$copy/$name" || stop "$name ($title) failed with $?"
  printf 'seal: %s: %s ms\n' "$title" "$(milliseconds_since "$started")"
done
printf 'seal: complete in %s ms\n' "$(milliseconds_since "$begun")"
