#!/usr/bin/env bash
# title: Database account
# order: 20
# why: whoever knows the build machine's database password could log in to every clone
# verified-by: identity/database-login
set -euo pipefail

user=$(sed -n 's/^DATABASE_USER=//p' /etc/ossea/database.env 2>/dev/null || true)
if [[ -z $user ]]; then exit 0; fi
# An account without a usable password until the first boot gives it one.
mariadb --protocol=socket --user=root <<SQL
ALTER USER '$user'@'localhost' IDENTIFIED VIA mysql_native_password USING 'invalid' ACCOUNT LOCK;
FLUSH TABLES;
SQL
systemctl stop mariadb.service
