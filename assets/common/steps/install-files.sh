#!/usr/bin/env bash
# Makes directories, and places files and links.
#
# directory=PATH|MODE|OWNER   repeated; OWNER is user:group
# file=FROM|TO|MODE|OWNER     repeated; FROM is a path in the project
# link=PATH|TARGET            repeated; both absolute, and the target may come later
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"
read_parameters 'directory=*' 'file=*' 'link=*'
mapfile -t directories < <(values directory)
mapfile -t files < <(values file)
mapfile -t links < <(values link)

check_owner() { # OBJECT OWNER
  getent passwd "${2%%:*}" >/dev/null || fault "$1: there is no user '${2%%:*}'"
  getent group "${2#*:}" >/dev/null || fault "$1: there is no group '${2#*:}'"
}

for line in "${directories[@]}"; do
  IFS='|' read -r path _ owner <<<"$line"
  check_owner "$path" "$owner"
done
for line in "${files[@]}"; do
  IFS='|' read -r from to _ owner <<<"$line"
  check_owner "$to" "$owner"
  [[ -f $payload/$from ]] || fault "$from was not copied to the machine"
done
for line in "${links[@]}"; do
  # A relative target once pointed into the home folder of whoever ran the script.
  [[ $line == /*'|'/* ]] || fault "the link '$line' has not two absolute paths"
done
stop_on_faults

for line in "${directories[@]}"; do
  IFS='|' read -r path mode owner <<<"$line"
  install -d -m "$mode" -o "${owner%%:*}" -g "${owner#*:}" "$root$path"
done
for line in "${files[@]}"; do
  IFS='|' read -r from to mode owner <<<"$line"
  install -D -m "$mode" -o "${owner%%:*}" -g "${owner#*:}" "$payload/$from" "$root$to"
done
for line in "${links[@]}"; do
  path=$root${line%%|*}
  if [[ -d $path && ! -L $path ]]; then stop "$path is a folder, and no link"; fi
  install -d -m 0755 "$(dirname "$path")"
  ln --symbolic --force --no-dereference "${line#*|}" "$path"
done
printf '%s directories, %s files, %s links\n' "${#directories[@]}" "${#files[@]}" "${#links[@]}"
