#!/usr/bin/env bash
# Makes users without a password. A user that is there already is brought to the asked form.
#
# user=NAME|HOME|SHELL|GROUP,GROUP|SYSTEM|LOGIN|SUDO   repeated; SYSTEM and SUDO are yes or no, LOGIN is key or none
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"
read_parameters 'user=*'

check_user() { # NAME HOME SHELL GROUPS SYSTEM LOGIN SUDO
  local group
  [[ $1 =~ ^[a-z_][a-z0-9_-]{0,31}$ ]] || fault "'$1' is not a user name"
  [[ $2 == /* ]] || fault "$1: home '$2' is not an absolute path"
  [[ -x $3 ]] || fault "$1: shell '$3' is not there"
  for group in ${4//,/ }; do getent group "$group" >/dev/null || fault "$1: there is no group '$group'"; done
  [[ $5 == yes || $5 == no ]] || fault "$1: system is '$5', not yes or no"
  [[ $6 == key || $6 == none ]] || fault "$1: login is '$6', not key or none"
  [[ $7 == yes || $7 == no ]] || fault "$1: sudo is '$7', not yes or no"
}

make_user() {
  local name=$1 home=$2 shell=$3 groups=$4 system=$5 login=$6 sudo=$7 kind=()
  if [[ $system == yes ]]; then kind=(--system); fi
  if ! getent passwd "$name" >/dev/null; then
    useradd "${kind[@]}" --user-group --create-home --home-dir "$home" --shell "$shell" --groups "$groups" "$name"
  else
    usermod --home "$home" --shell "$shell" --groups "$groups" "$name"
  fi
  passwd --quiet --lock "$name"
  if [[ $login == key ]]; then
    install -d -m 0700 -o "$name" -g "$name" "$home/.ssh"
    # The first boot gives the instance's key to each user named here.
    install -d -m 0755 /etc/ossea
    grep -qxF -- "$name" /etc/ossea/key-login-users 2>/dev/null || printf '%s\n' "$name" >>/etc/ossea/key-login-users
  fi
  if [[ $sudo == yes ]]; then grant_sudo "$name"; else rm -f "/etc/sudoers.d/$name"; fi
}

grant_sudo() {
  local draft
  draft=$(mktemp)
  printf '# There is no password to ask for: only a key logs in.\n%s ALL=(ALL:ALL) NOPASSWD: ALL\n' "$1" >"$draft"
  visudo --check --quiet --file="$draft"
  install -m 0440 "$draft" "/etc/sudoers.d/$1"
  rm -f "$draft"
}

mapfile -t lines < <(values user)
for line in "${lines[@]}"; do
  IFS='|' read -r -a fields <<<"$line"
  if ((${#fields[@]} == 7)); then check_user "${fields[@]}"; else fault "'$line' has not seven fields"; fi
done
stop_on_faults
for line in "${lines[@]}"; do
  IFS='|' read -r -a fields <<<"$line"
  make_user "${fields[@]}"
done
