#!/usr/bin/env bash
# The appliance's face on the first console: who it is, where it is reached, how its services are. It draws itself again
# every few seconds, and cannot be left: Ctrl-C, Ctrl-Z and hang-ups are nothing to it, and systemd starts it again
# whatever ends it. It opens no shell; people log in by SSH with a key.
set -euo pipefail

refresh_seconds=${OMA_WIZARD_REFRESH:-5}
width=78
# unit, what it is, how its work is seen
services=(
  "mariadb|Database|sql"
  "volume-daemon|Volume daemon|http 8090 /api/v1/health"
  "nbd-server|NBD server|listen 10809"
  "oma-api|Migration API|http 8082 /health"
  "migration-gui|GUI|http 3001 /"
)

if [[ -n ${TERM:-} && $TERM != dumb ]] && tput colors >/dev/null 2>&1 && (($(tput colors) >= 8)); then
  bold=$'\e[1m' green=$'\e[32m' yellow=$'\e[33m' red=$'\e[31m' cyan=$'\e[36m' plain=$'\e[0m'
  clear=$'\e[H\e[2J'
  # Drawn over what stands there, so that nothing flickers.
  home=$'\e[H' end_of_line=$'\e[K' rest_of_screen=$'\e[J'
else
  bold="" green="" yellow="" red="" cyan="" plain="" clear=$'\n\n' home=$'\n\n' end_of_line="" rest_of_screen=""
fi

line() { printf '%s\n' "$(printf '%*s' "$width" '' | tr ' ' "${1:--}")"; }

# Facts. Each gives words to show even when there is no network at all.

interface() { ip -4 route show default 2>/dev/null | awk '{ for (i = 1; i < NF; i++) if ($i == "dev") { print $(i + 1); exit } }'; }
gateway() { ip -4 route show default 2>/dev/null | awk '{ for (i = 1; i < NF; i++) if ($i == "via") { print $(i + 1); exit } }'; }
address() { ip -4 -o address show scope global 2>/dev/null | awk '{ print $4; exit }'; }
name_servers() {
  local found
  found=$(resolvectl dns 2>/dev/null | sed 's/^[^:]*://' | xargs || true)
  [[ -n $found ]] || found=$(awk '/^nameserver/ { print $2 }' /etc/resolv.conf 2>/dev/null | xargs || true)
  printf '%s' "$found"
}
or_none() { if [[ -n $1 ]]; then printf '%s' "$1"; else printf 'none'; fi; }

# Real work, not the unit's state alone: a server that is "active" and answers nobody is of no use.
answers() { # http PORT PATH | sql | listen PORT
  case $1 in
    http) curl --silent --fail --output /dev/null --connect-timeout 1 --max-time 2 "http://127.0.0.1:$2$3" ;;
    sql) mariadb-admin --protocol=socket --user=root --connect-timeout=2 --silent ping >/dev/null 2>&1 ;;
    # A connection that says nothing would be a line in the server's log every time.
    listen) [[ -n $(ss --no-header --tcp --listening --numeric "sport = :$2") ]] ;;
  esac
}

service_state() { # UNIT PROBE -> word
  local state
  state=$(systemctl is-active "$1.service" 2>/dev/null || true)
  # shellcheck disable=SC2086 # the probe is a list of words
  case $state in
    active) if answers $2; then printf 'working'; else printf 'not answering'; fi ;;
    activating | reloading) printf 'starting' ;;
    failed) printf 'failed' ;;
    *) printf 'stopped' ;;
  esac
}

coloured() {
  case $1 in
    working) printf '%s%s%s' "$green" "$1" "$plain" ;;
    starting) printf '%s%s%s' "$yellow" "$1" "$plain" ;;
    *) printf '%s%s%s' "$red" "$1" "$plain" ;;
  esac
}

# Screens.

header() {
  line '='
  printf '%s  OSSEA-Migrate  %s OMA, the migration appliance for CloudStack\n' "$bold$cyan" "$plain"
  line '='
}

first_boot_note() {
  if [[ -e /etc/ossea/sealed ]]; then
    printf '%s  First boot is not complete: journalctl -u "ossea-first-boot*"%s\n' "$yellow" "$plain"
  fi
}

main_screen() {
  local ip_address entry unit title probe
  ip_address=$(address)
  header
  printf '  Host name     %s\n' "$(hostname)"
  printf '  Address       %s   interface %s\n' "$(or_none "$ip_address")" "$(or_none "$(interface)")"
  printf '  Gateway       %s   name servers %s\n' "$(or_none "$(gateway)")" "$(or_none "$(name_servers)")"
  line
  for entry in "${services[@]}"; do
    IFS='|' read -r unit title probe <<<"$entry"
    printf '  %-15s %s\n' "$title" "$(coloured "$(service_state "$unit" "$probe")")"
  done
  line
  if [[ -n $ip_address ]]; then
    printf '  GUI           %shttp://%s:3001%s\n' "$bold" "${ip_address%/*}" "$plain"
    printf '  API           http://%s:8082\n' "${ip_address%/*}"
    printf '  SSH           ssh oma_admin@%s   (with your key)\n' "${ip_address%/*}"
  else
    printf '  There is no network address yet; the GUI cannot be reached.\n'
  fi
  first_boot_note
  line
  printf '  [d] service details   [s] restart services   [b] reboot   %s' "$(date '+%Y-%m-%d %H:%M:%S')"
}

draw_main_screen() {
  local screen
  screen=$(main_screen)
  printf '%s%s%s' "$home" "${screen//$'\n'/"$end_of_line"$'\n'}" "$end_of_line$rest_of_screen"
}

wait_for_key() {
  printf '\n  Press any key to go back. '
  read -r -s -n 1 -t 60 || true
}

details_screen() {
  local entry unit
  printf '%s' "$clear"
  header
  for entry in "${services[@]}"; do
    unit=${entry%%|*}
    printf '%s%s%s  %s\n' "$bold" "$unit" "$plain" \
      "$(systemctl show "$unit.service" --property=ActiveState,SubState,NRestarts --value 2>/dev/null | xargs || true)"
    journalctl --unit="$unit.service" --lines=2 --no-pager --output=cat 2>/dev/null | cut -c "1-$((width - 4))" | sed 's/^/    /' || true
  done
  wait_for_key
}

confirmed() { # QUESTION
  local answer=""
  printf '%s' "$clear"
  header
  printf '\n  %s Type y to go on, any other key to go back. ' "$1"
  read -r -s -n 1 -t 30 answer || true
  [[ $answer == y || $answer == Y ]]
}

restart_screen() {
  local unit
  if ! confirmed "Restart all services? Running migrations are interrupted."; then return; fi
  printf '\n\n'
  for unit in mariadb volume-daemon nbd-server oma-api migration-gui; do
    printf '  %-15s ' "$unit"
    if systemctl restart "$unit.service" 2>/dev/null; then coloured working; else coloured failed; fi
    printf '\n'
  done
  wait_for_key
}

reboot_screen() {
  if confirmed "Reboot the appliance?"; then
    printf '\n\n  Rebooting ...\n'
    systemctl reboot
  fi
}

trap '' INT QUIT TSTP HUP
cd /
printf '%s' "$clear"
while true; do
  key=""
  draw_main_screen || true
  read -r -s -n 1 -t "$refresh_seconds" key || true
  case $key in
    d | D) details_screen || true ;;
    s | S) restart_screen || true ;;
    b | B) reboot_screen || true ;;
    # Nobody at the other end: without this the loop would spin.
    "") if [[ ! -t 0 ]]; then exit 0; fi ;;
  esac
done
