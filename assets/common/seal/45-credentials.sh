#!/usr/bin/env bash
# title: Credentials of tools, and private keys
# order: 45
# why: a token or key that somebody used while the appliance was built would be in every customer's hands
# what: overwrites and removes what tools keep in home folders; names every other file with a private key in it and fails
# verified-by: seal/credentials
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

mapfile -t all_homes < <(homes)
for home in "${all_homes[@]}"; do
  erase "$home"/.netrc "$home"/.my.cnf "$home"/.mylogin.cnf "$home"/.pgpass "$home"/.git-credentials "$home"/.npmrc \
    "$home"/.pypirc "$home"/.vault-token "$home"/.aws "$home"/.docker "$home"/.gnupg "$home"/.kube "$home"/.config/gcloud \
    "$home"/.config/gh "$home"/.ssh/config "$home"/.ssh/known_hosts* "$home"/.ssh/id_*
done
# By their content: a key may have any name. The host's own keys go with the way in.
folders=()
for folder in etc root home opt/ossea-migrate opt/vma srv var/lib var/spool; do
  if [[ -d $root/$folder ]]; then folders+=("$root/$folder"); fi
done
found=$(grep --recursive --files-with-matches --binary-files=without-match --no-messages --devices=skip \
  --exclude='ssh_host_*_key' -e '^-----BEGIN [A-Z ]*PRIVATE KEY-----' "${folders[@]}" || true)
if [[ -n $found ]]; then
  printf 'a private key would be in every clone: %s\n' "$found" >&2
  printf 'let the build not put it there, or the first boot make it\n' >&2
  exit 1
fi
