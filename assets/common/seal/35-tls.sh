#!/usr/bin/env bash
# title: TLS keys
# order: 35
# why: a certificate whose key is in every clone proves nothing about any of them
# what: removes the key pair that the package ssl-cert makes when it is installed; the first boot makes another one
# verified-by: identity/secrets
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

erase "$root/etc/ssl/private/ssl-cert-snakeoil.key" "$root/etc/ssl/certs/ssl-cert-snakeoil.pem"
find "$root"/etc/ssl/certs -lname '*ssl-cert-snakeoil.pem' -delete 2>/dev/null || true
