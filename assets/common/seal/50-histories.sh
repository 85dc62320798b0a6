#!/usr/bin/env bash
# title: Histories and caches of people
# order: 50
# why: what was typed while the appliance was built is nobody's business, and may hold secrets
# verified-by: seal/histories
set -euo pipefail

root=${APPLIANCE_ROOT:-}
for home in "$root"/root "$root"/home/*; do
  rm -rf "$home"/.*_history "$home"/.lesshst "$home"/.viminfo "$home"/.wget-hsts "$home"/.cache "$home"/.npm \
    "$home"/.config/configstore "$home"/.ssh/known_hosts* "$home"/.sudo_as_admin_successful "$home"/.python_history
done
