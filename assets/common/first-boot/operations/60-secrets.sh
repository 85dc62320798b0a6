#!/usr/bin/env bash
# title: Database password and credential key
# order: 60
# why: every clone of the template would share the secrets that protect its database and the stored credentials
# what: makes both, gives the password to the database's account and both to the environment files of the services
# verified-by: identity/secrets identity/database-login
set -euo pipefail
# shellcheck source=../lib/database.bash
source /usr/local/lib/ossea/lib/database.bash

templates=/etc/ossea/secret-templates
pending=/etc/ossea/secrets.pending

# A power cut leaves drafts behind.
rm -f /etc/ossea/.secrets-*
while IFS= read -r -d '' template; do rm -f "${template#"$templates"}".draft-*; done < <(find "$templates" -type f -print0)

# Kept until everything is written: after a power cut between the files and the database, both get the same ones.
if [[ ! -e $pending ]]; then
  draft=$(mktemp /etc/ossea/.secrets-XXXXXX)
  {
    openssl rand -hex 24
    openssl rand -base64 32
  } >"$draft"
  sync "$draft"
  mv "$draft" "$pending"
  sync /etc/ossea
fi
{
  read -r password
  read -r credential_key
} <"$pending"

render() { # TEMPLATE TARGET
  local draft line
  draft=$(mktemp "$2.draft-XXXXXX")
  while IFS= read -r line; do
    line=${line//'{databasePassword}'/"$password"}
    printf '%s\n' "${line//'{credentialKey}'/"$credential_key"}"
  done <"$1" >"$draft"
  chown --reference="$1" "$draft"
  sync "$draft"
  mv "$draft" "$2"
}

while IFS= read -r -d '' template; do
  render "$template" "${template#"$templates"}"
  printf '%s\n' "${template#"$templates"}"
done < <(find "$templates" -type f -print0)
user=$(database_setting DATABASE_USER)
if [[ -n $user ]]; then
  run_sql <<SQL
ALTER USER '$user'@'localhost' IDENTIFIED BY '$password' ACCOUNT UNLOCK;
SQL
  printf 'account %s@localhost\n' "$user"
fi
# The files must be on the disk before the only other copy of what is in them goes; and that is no copy any more while it
# is overwritten.
sync
mv "$pending" /etc/ossea/.secrets-used
sync /etc/ossea
shred --iterations=0 --zero --remove=unlink /etc/ossea/.secrets-used
