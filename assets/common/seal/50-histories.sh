#!/usr/bin/env bash
# title: Histories and caches of people
# order: 50
# why: what was typed while the appliance was built is nobody's business, and may hold secrets
# what: removes the histories of shells, databases, pagers and editors, and the caches of tools, from all home folders
# verified-by: seal/histories
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

mapfile -t all_homes < <(homes)
for home in "${all_homes[@]}"; do
  erase "$home"/.*_history "$home"/.zhistory "$home"/.lesshst "$home"/.viminfo "$home"/.local/share/mc/history
  rm -rf "$home"/.wget-hsts "$home"/.cache "$home"/.npm "$home"/.config/configstore "$home"/.sudo_as_admin_successful \
    "$home"/.local/state/less "$home"/.vim/swap "$home"/.lesshsQ
done
