#!/usr/bin/env bash
# Logs in to the database as the appliance itself does: {"user": "oma_user@localhost"}. The password goes by
# a pipe and is never printed.
set -euo pipefail

env_file=/etc/ossea/database.env
value() { sed -n "s/^$1=//p" "$env_file"; }
if [[ ! -s $env_file ]]; then
  printf '{"user": "", "reason": "%s does not exist"}\n' "$env_file"
  exit 0
fi
if ! user=$(mariadb --defaults-extra-file=/dev/stdin --protocol=tcp --host="$(value DATABASE_HOST)" \
  --port="$(value DATABASE_PORT)" --user="$(value DATABASE_USER)" --batch --skip-column-names \
  --execute='SELECT CURRENT_USER()' "$(value DATABASE_NAME)" 2>/dev/null <<<"[client]
password=$(value DATABASE_PASSWORD)"); then
  printf '{"user": "", "reason": "the login is refused"}\n'
  exit 0
fi
printf '{"user": "%s"}\n' "$user"
