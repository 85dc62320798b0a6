#!/usr/bin/env bash
# Installs systemd units, says which of them start with the machine, and masks those that must never run.
# Nothing is started here.
#
# unit=NAME|SOURCE   repeated; SOURCE is a path in the project
# enable=NAME        repeated
# mask=NAME          repeated
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"
read_parameters 'unit=*' 'enable=*' 'mask=*'
mapfile -t units < <(values unit)
mapfile -t enabled < <(values enable)
mapfile -t masked < <(values mask)

for line in "${units[@]}"; do
  [[ -f $payload/${line#*|} ]] || fault "${line#*|} was not copied to the machine"
done
stop_on_faults

installed=()
install -d -m 0755 /etc/ossea
: >/etc/ossea/units
for line in "${units[@]}"; do
  name=${line%%|*}
  # A package may have started its own unit of this name; what runs by the old definition would count as running.
  systemctl stop "$name" 2>/dev/null || true
  install -m 0644 "$payload/${line#*|}" "/etc/systemd/system/$name"
  installed+=("/etc/systemd/system/$name")
  # The seal stops what is named here.
  printf '%s\n' "$name" >>/etc/ossea/units
done
for name in "${masked[@]}"; do
  systemctl stop "$name"
  systemctl mask --quiet "$name"
done
systemctl daemon-reload

# A mistyped key is only a warning to systemd, and the unit then runs without what the key should have done.
said=$(systemd-analyze verify --man=no "${installed[@]}" 2>&1 || true)
for file in "${installed[@]}"; do
  if grep -qF -- "$file" <<<"$said"; then fault "$(grep -F -- "$file" <<<"$said")"; fi
done
for name in "${enabled[@]}"; do
  systemctl cat "$name" >/dev/null 2>&1 || fault "there is no unit $name to enable"
done
stop_on_faults
for name in "${enabled[@]}"; do systemctl enable --quiet "$name"; done
printf '%s units installed, %s enabled, %s masked\n' "${#units[@]}" "${#enabled[@]}" "${#masked[@]}"
