#!/usr/bin/env bash
# title: Secrets of the services
# order: 30
# why: clones that share a credential key or a password are opened by each other's owners
# what: overwrites and removes every environment file that the first boot writes anew
# verified-by: identity/secrets
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

templates=$root/etc/ossea/secret-templates
if [[ ! -d $templates ]]; then exit 0; fi
while IFS= read -r -d '' template; do
  erase "$root${template#"$templates"}"
done < <(find "$templates" -type f -print0)
