#!/usr/bin/env bash
# Tells sshd that the key which a VMA offers for its enrolment may log in (AuthorizedKeysCommand): the VMA still has to
# prove that it has it.
#
# usage: offered-key TYPE KEY
set -euo pipefail

if [[ $# -eq 2 && $1 == ssh-ed25519 && $2 =~ ^[A-Za-z0-9+/]{68}$ ]]; then printf 'restrict %s %s\n' "$1" "$2"; fi
