#!/usr/bin/env bash
# title: TLS keys
# order: 15
# why: a certificate whose key is in every clone proves nothing about any of them
# what: makes the key pair of the package ssl-cert, on machines that have the package
# verified-by: identity/secrets
set -euo pipefail

if ! command -v make-ssl-cert >/dev/null; then
  printf 'nothing on this machine uses one\n'
  exit 0
fi
make-ssl-cert generate-default-snakeoil --force-overwrite
