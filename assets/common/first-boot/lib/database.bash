# The appliance's database before its server has started: at the first boot nothing runs yet.
#
#   database_setting NAME   a value of the appliance's database access: DATABASE_USER, DATABASE_NAME
#   run_sql                 runs the statements on standard input as the database's root; fails with the first one that does
# shellcheck shell=bash

database_setting() { sed -n "s/^$1=//p" /etc/ossea/secret-templates/etc/ossea/database.env 2>/dev/null | head -n 1; }

run_sql() {
  # A server that runs is asked, when somebody starts an operation by hand.
  if [[ -S /run/mysqld/mysqld.sock ]] && mariadb-admin --protocol=socket --user=root --silent ping 2>/dev/null; then
    mariadb --protocol=socket --user=root
    return
  fi
  install -d -m 0755 -o mysql -g mysql /run/mysqld
  local said
  # Alone on the files, without network or socket; accounts are known to it only after the first statement.
  if ! said=$({ printf 'FLUSH PRIVILEGES;\n' && cat; } |
    mariadbd --user=mysql --bootstrap --innodb-buffer-pool-size=8M --innodb-temp-data-file-path=ibtmp1:1M:autoextend 2>&1); then
    printf '%s\n' "$said" | grep -v -e '\[Note\]' -e '\[Warning\]' | sed "s/IDENTIFIED BY '[^']*'/IDENTIFIED BY .../" >&2
    return 1
  fi
}
