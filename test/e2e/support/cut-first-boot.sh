#!/usr/bin/env bash
# In an appliance, as root: has its first boot done again, and cuts it off (SIGKILL to all of it) before each command of
# each operation, and then of the runner, in turn; a life goes on where the one before was cut. Prints how many lives
# that took, and fails when the first boot does not come to its end or leaves half of something behind.
set -euo pipefail

library=/usr/local/lib/ossea
done_folder=/var/lib/ossea/first-boot
access=/etc/ossea/database.env
most_lives=2000
work=$(mktemp -d -p /run)

# As the seal leaves it.
mapfile -t units </etc/ossea/units
systemctl stop "${units[@]}" mariadb.service
as_sealed() {
  rm -rf "$done_folder"
  touch /etc/ossea/sealed
}
as_sealed
rm -f /etc/ssh/ssh_host_* "$access" /etc/migratekit/*.env /etc/hostname

# Every bash of the first boot reads this: it counts the commands of the one that is meant.
cat >"$work/cut.bash" <<'CUT'
set -o functrace
count_command() {
  local here=operation count
  if [[ $0 == */run-operations.sh ]]; then here=runner; fi
  if [[ $here != "$CUT_IN" ]]; then return; fi
  read -r count <"$CUT_WORK/count"
  printf '%s\n' "$((count + 1))" >"$CUT_WORK/count"
  if ((count + 1 >= CUT_AT)); then kill -9 0; fi
}
trap count_command DEBUG
CUT

life() { # operation|runner COMMAND; 0 when it came to its end
  printf '0\n' >"$work/count"
  CUT_IN=$1 CUT_AT=$2 CUT_WORK=$work BASH_ENV=$work/cut.bash setsid --wait "$library/run-operations.sh" >>"$work/said" 2>&1
}
operations_done() { find "$done_folder" -type f 2>/dev/null | wc -l; }

lives=0
cut_everywhere() { # operation|runner
  local at=1 reached=0
  until life "$1" "$at" 2>/dev/null; do
    lives=$((lives + 1))
    at=$((at + 1))
    # The next operation is cut from its own first command on.
    if [[ $1 == operation ]] && (($(operations_done) > reached)); then
      reached=$(operations_done)
      at=1
    fi
    if ((lives > most_lives)); then
      tail "$work/said" >&2
      exit 1
    fi
  done
}
cut_everywhere operation
as_sealed
cut_everywhere runner

fault() {
  printf '%s\n' "$1" >&2
  exit 1
}
[[ ! -e /etc/ossea/sealed ]] || fault "it came to its end and is not complete"
left=$(find /etc/ossea /etc/migratekit /etc/ssh /etc/netplan /home/*/.ssh -name '.*-??????' -o -name '*.draft-*' -o -name '*.pending' -o -name '.secrets*' 2>/dev/null || true)
[[ -z $left ]] || fault "left behind: $left"
for key in /etc/ssh/ssh_host_*_key; do
  [[ $(ssh-keygen -y -P '' -f "$key") == "$(sed 's/ *$//' "$key.pub")"* ]] || fault "$key is not the pair of its public key"
done
value() { sed -n "s/^$2=//p" "$1"; }
password=$(value "$access" DATABASE_PASSWORD)
[[ $(value /etc/migratekit/oma-api.env OMA_DB_PASSWORD) == "$password" ]] || fault "two files hold two passwords"
[[ $(value /etc/migratekit/oma-api.env MIGRATEKIT_CRED_ENCRYPTION_KEY | base64 --decode | wc -c) == 32 ]] || fault "the key is not one"

# Secrets that were made and not yet written are taken up: here a key of the characters that shells and tools trip over.
awkward=$(printf '+/%.0s' {1..21})8=
printf '%s\n' "$password" "$awkward" >/etc/ossea/secrets.pending
as_sealed
"$library/run-operations.sh" >>"$work/said"
systemctl start mariadb.service "${units[@]}"
curl --silent --fail --output /dev/null --retry 60 --retry-connrefused --retry-delay 1 http://127.0.0.1:8082/health || fault "the API does not answer"
main=$(systemctl show oma-api.service --property=MainPID --value)
tr '\0' '\n' <"/proc/$main/environ" | grep -qxF "MIGRATEKIT_CRED_ENCRYPTION_KEY=$awkward" || fault "the service has another key"
named=$(mariadb --defaults-extra-file=/dev/stdin --protocol=tcp --host=127.0.0.1 --user=oma_user --skip-column-names --batch \
  --execute='SELECT oma_vm_id FROM ossea_configs' migratekit_oma <<<"[client]
password=$password") || fault "the password is not the account's"
rm -rf "$work"
printf '%s lives, instance %s\n' "$lives" "$named"
