#!/usr/bin/env bash
# title: Database password and credential key
# order: 60
# why: every clone of the template would share the secrets that protect its database and the stored credentials
# verified-by: identity/secrets identity/database-login
set -euo pipefail

templates=/etc/ossea/secret-templates
pending=/etc/ossea/secrets.pending

# Kept until everything is written: after a power cut between the database and the files, both get the same ones.
if [[ ! -s $pending ]]; then
  draft=$(mktemp /etc/ossea/.secrets-XXXXXX)
  {
    openssl rand -hex 24
    openssl rand -base64 32
  } >"$draft"
  sync "$draft"
  mv "$draft" "$pending"
fi
{
  read -r password
  read -r credential_key
} <"$pending"

user=$(sed -n 's/^DATABASE_USER=//p' "$templates/etc/ossea/database.env" 2>/dev/null || true)
if [[ -n $user ]]; then
  mariadb --protocol=socket --user=root <<SQL
ALTER USER '$user'@'localhost' IDENTIFIED BY '$password' ACCOUNT UNLOCK;
SQL
fi

render() { # TEMPLATE TARGET
  local draft line
  draft=$(mktemp "$2.XXXXXX")
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
done < <(find "$templates" -type f -print0)
rm -f "$pending"
