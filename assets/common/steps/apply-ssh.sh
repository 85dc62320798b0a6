#!/usr/bin/env bash
# Lets sshd take its new configuration, after the configuration was found good: with a bad one sshd would not come back.
#
# port=22   that sshd listens on from now on, repeated
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"
read_parameters 'port=*'
mapfile -t ports < <(values port)

# The folder is the unit's, and is not there while sshd is started by a socket.
mkdir -p /run/sshd
said=$(/usr/sbin/sshd -t 2>&1) || stop "sshd refuses its configuration: $said"
systemctl daemon-reload
if systemctl is-active --quiet ssh.socket; then
  # A socket gets no new addresses while its service holds the old ones. Sessions live on without it.
  systemctl stop ssh.service
  systemctl restart ssh.socket
else
  systemctl reload-or-restart ssh.service
fi

listens() { [[ -n $(ss --no-header --tcp --listening --numeric "sport = :$1") ]]; }

# It takes the signal and opens its ports in its own time; the next step would find the door closed.
deadline=$((SECONDS + 15))
for port in "${ports[@]}"; do
  until listens "$port"; do
    ((SECONDS < deadline)) || stop "sshd does not listen on port $port; journalctl -u ssh tells why"
  done
done
printf 'sshd listens on %s\n' "${ports[*]}"
