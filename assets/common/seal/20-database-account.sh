#!/usr/bin/env bash
# title: Database account
# order: 20
# why: whoever knows the build machine's database password could log in to every clone
# what: locks the account until the first boot gives it a password; shuts the server down so that no old row version stays, and removes its logs
# verified-by: identity/database-login
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

user=$(sed -n 's/^DATABASE_USER=//p' "$root/etc/ossea/database.env" 2>/dev/null || true)
if [[ -n $user && -z $root ]]; then
  systemctl start mariadb.service
  # An account without a usable password until the first boot gives it one. A slow shutdown purges what was deleted.
  mariadb --protocol=socket --user=root <<SQL
ALTER USER '$user'@'localhost' IDENTIFIED VIA mysql_native_password USING 'invalid' ACCOUNT LOCK;
SET GLOBAL innodb_fast_shutdown = 0;
FLUSH TABLES;
SQL
  systemctl stop mariadb.service
fi
data=$root/var/lib/mysql
erase "$data"/*-bin.[0-9]* "$data"/*-bin.index "$data"/*-relay-bin* "$data"/*-slow.log "$data"/*.err "$data"/ib_buffer_pool
