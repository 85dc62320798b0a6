#!/usr/bin/env bash
# title: SSH keys of the operators
# order: 30
# why: nobody could log in: there are no passwords, and the template holds no key
# what: takes the public keys that the instance was deployed with, for each user who logs in with a key
# verified-by: identity/login-keys
set -euo pipefail
# shellcheck source=../lib/instance.bash
source /usr/local/lib/ossea/lib/instance.bash

given=$(metadata meta-data/public-keys)
mapfile -t keys <<<"$given"

while read -r user; do
  home=$(getent passwd "$user" | cut -d: -f6)
  rm -f "$home"/.ssh/.authorized_keys-*
  draft=$(mktemp "$home/.ssh/.authorized_keys-XXXXXX")
  for key in "${keys[@]}"; do
    if ssh-keygen -l -f /dev/stdin <<<"$key" >/dev/null 2>&1; then printf '%s\n' "$key"; fi
  done >"$draft"
  if [[ ! -s $draft ]]; then
    rm -f "$draft" "$home/.ssh/authorized_keys"
    printf '%s: the instance was deployed without a key, so nobody can log in as this user\n' "$user"
    continue
  fi
  chown "$user:" "$draft"
  chmod 0600 "$draft"
  sync "$draft"
  mv "$draft" "$home/.ssh/authorized_keys"
  printf '%s: %s keys\n' "$user" "$(wc -l <"$home/.ssh/authorized_keys")"
done </etc/ossea/key-login-users
