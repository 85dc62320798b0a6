#!/usr/bin/env bash
# Makes an empty database and the account that owns it. The account can log in from the machine itself alone: views are
# bound to their maker NAME@localhost, and a server on loopback sees every TCP client as localhost.
#
# database= user= character_set= collation= password=
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"
read_parameters database= user= character_set= collation= password=
database=$(value database)
user=$(value user)
password=$(value password)
[[ $database =~ ^[A-Za-z0-9_]+$ ]] || fault "'$database' is not a name for a database"
[[ $user =~ ^[A-Za-z0-9_]+$ ]] || fault "'$user' is not a name for an account"
[[ $(value character_set)$(value collation) =~ ^[a-z0-9_]+$ ]] || fault "character set or collation is not a word"
[[ $password =~ ^[A-Za-z0-9_-]{16,}$ ]] || fault "the password has fewer than 16 letters and digits, or other characters"
stop_on_faults

# The package started it by its own settings; the appliance's were placed since.
systemctl daemon-reload
systemctl restart mariadb.service
# As root over the local socket: that account has no password, the server asks the kernel who it is.
mariadb --protocol=socket --user=root <<SQL
CREATE DATABASE IF NOT EXISTS \`$database\` CHARACTER SET $(value character_set) COLLATE $(value collation);
ALTER DATABASE \`$database\` CHARACTER SET $(value character_set) COLLATE $(value collation);
CREATE USER IF NOT EXISTS '$user'@'localhost' IDENTIFIED BY '$password';
ALTER USER '$user'@'localhost' IDENTIFIED BY '$password' ACCOUNT UNLOCK;
GRANT ALL PRIVILEGES ON \`$database\`.* TO '$user'@'localhost';
DROP USER IF EXISTS ''@'localhost', ''@'$(hostname)';
SQL

seen=$(mariadb --defaults-extra-file=/dev/stdin --protocol=tcp --host=127.0.0.1 --user="$user" --batch --skip-column-names \
  --execute='SELECT CONCAT(CURRENT_USER(), " ", DATABASE())' "$database" <<<"[client]
password=$password") || stop "$user cannot log in to $database at 127.0.0.1"
[[ $seen == "$user@localhost $database" ]] || stop "the login at 127.0.0.1 is seen as '$seen', not as $user@localhost"
printf 'database %s, account %s@localhost\n' "$database" "$user"
