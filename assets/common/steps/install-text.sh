#!/usr/bin/env bash
# Writes one line of text, which the program made, as a file that everybody reads.
#
# path=PATH
# text=LINE
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"
read_parameters path= text=

target=$root$(value path)
mkdir -p "$(dirname "$target")"
draft=$(mktemp "$target.XXXXXX")
value text >"$draft"
printf '\n' >>"$draft"
chmod 0644 "$draft"
mv "$draft" "$target"
printf '%s: %s bytes\n' "$(value path)" "$(stat -c %s "$target")"
