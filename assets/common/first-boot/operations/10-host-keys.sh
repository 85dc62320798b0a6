#!/usr/bin/env bash
# title: SSH host keys
# order: 10
# why: appliances that share a host key can be impersonated by each other's owners
# verified-by: identity/host-keys
set -euo pipefail

for type in ed25519 ecdsa; do
  file=/etc/ssh/ssh_host_${type}_key
  # A power cut can leave an empty file; ssh-keygen would ask before it overwrites one.
  if ! ssh-keygen -y -P '' -f "$file" >/dev/null 2>&1; then
    rm -f "$file" "$file.pub"
    ssh-keygen -q -t "$type" -N '' -C "" -f "$file"
  fi
  ssh-keygen -l -f "$file.pub"
done
