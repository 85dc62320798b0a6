#!/usr/bin/env bash
# Writes an environment file with secrets, readable by its owner alone, and beside it, for the first boot of each clone,
# the same file without the secrets.
#
# path= owner=
# line=VARIABLE=VALUE        repeated
# template=VARIABLE=TEXT     repeated; {databasePassword} and {credentialKey} stand for the secrets of one machine
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"
read_parameters path= owner= 'line=*' 'template=*'
path=$(value path)
owner=$(value owner)
[[ $path == /* ]] || fault "'$path' is not an absolute path"
getent passwd "${owner%%:*}" >/dev/null || fault "$path: there is no user '${owner%%:*}'"
stop_on_faults

write() { # PATH, text on standard input
  local draft
  install -d -m 0755 "$(dirname "$1")"
  draft=$(umask 077 && mktemp "$1.XXXXXX")
  cat >"$draft"
  chown "$owner" "$draft"
  sync "$draft"
  mv "$draft" "$1"
}

values line | write "$root$path"
values template | write "$root/etc/ossea/secret-templates$path"
