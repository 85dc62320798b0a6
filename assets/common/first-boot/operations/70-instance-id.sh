#!/usr/bin/env bash
# title: This instance's id in the database
# order: 70
# why: the appliance attaches volumes to the instance that the database names: the template's would be another machine
# what: asks the cloud for the id of this instance and runs the appliance's statements for it
# verified-by: identity/instance-id
set -euo pipefail
# shellcheck source=../lib/instance.bash
source /usr/local/lib/ossea/lib/instance.bash
# shellcheck source=../lib/database.bash
source /usr/local/lib/ossea/lib/database.bash

statements=/etc/ossea/first-boot.sql
if [[ ! -s $statements ]]; then exit 0; fi
id=$(metadata meta-data/instance-id)
# Older versions of CloudStack give a name there, and the id under another one.
if ! is_uuid "$id"; then id=$(metadata meta-data/vm-id); fi
if ! is_uuid "$id"; then
  printf 'the cloud tells no UUID of this instance; the appliance will look for itself by its MAC address\n'
  exit 0
fi
{
  printf "USE \`%s\`;\nSET @instance_id = '%s';\n" "$(database_setting DATABASE_NAME)" "$id"
  cat "$statements"
} | run_sql
printf '%s\n' "$id"
