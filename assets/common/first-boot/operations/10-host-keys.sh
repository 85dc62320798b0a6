#!/usr/bin/env bash
# title: SSH host keys
# order: 10
# why: appliances that share a host key can be impersonated by each other's owners
# what: makes a key of each kind, ed25519 and ecdsa, and tells their fingerprints
# verified-by: identity/host-keys
set -euo pipefail

for type in ed25519 ecdsa; do
  file=/etc/ssh/ssh_host_${type}_key
  # A power cut can leave half a pair; ssh-keygen would ask before it overwrites one.
  if ! public=$(ssh-keygen -y -P '' -f "$file" 2>/dev/null) || [[ $(cut -d ' ' -f 1,2 "$file.pub" 2>/dev/null) != "${public% }" ]]; then
    rm -f "$file" "$file.pub"
    ssh-keygen -q -t "$type" -N '' -C "" -f "$file"
  fi
  ssh-keygen -l -f "$file.pub"
done
