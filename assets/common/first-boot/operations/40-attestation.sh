#!/usr/bin/env bash
# title: Attestation of the host keys
# order: 40
# why: the first connection to a clone would have to trust whatever host key it is shown
# what: signs them with the token that only this instance was told, where it was told one
# verified-by: identity/attestation
set -euo pipefail
# shellcheck source=../lib/instance.bash
source /usr/local/lib/ossea/lib/instance.bash

# The token goes from the cloud to the program by a pipe, and nowhere else.
user_data=$(metadata user-data)
rm -f /etc/ossea/.attestation-*
draft=$(mktemp /etc/ossea/.attestation-XXXXXX)
printf '%s' "$user_data" | python3 /usr/local/lib/ossea/attest.py >"$draft"
if [[ -s $draft ]]; then
  chmod 0644 "$draft"
  mv "$draft" /etc/ossea/host-key-attestation
else
  rm -f "$draft"
  printf 'no token was given; the host keys are not signed\n'
fi
