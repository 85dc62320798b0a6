#!/usr/bin/env bash
# Tries what a VMA must not be able to do, each with ssh itself. Prints one line for each that it could, and last how
# many were tried.
#
# usage: refused.sh ADDRESS OWN-ADDRESS   # of the appliance, of this machine; ./key is enrolled with port 9081
set -euo pipefail

appliance=$1
neighbour=$2
ssh=(ssh -F none -p 443 -i key -o IdentitiesOnly=yes -o UserKnownHostsFile=known_hosts -o StrictHostKeyChecking=yes
  -o BatchMode=yes -o ConnectTimeout=20 -o LogLevel=ERROR)
results=$(mktemp -d)
tried=0

told() { # NAME STATUS OUTPUT   what is refused gives no output and fails
  if [[ $2 == 0 || $2 == 124 || -n $3 ]]; then printf 'possible: %s (%s) %s\n' "$1" "$2" "$3" >>"$results/possible"; fi
}

attempt() { # NUMBER NAME ARGUMENT...
  local said=$results/$1 name=$2 status=0
  shift 2
  timeout 30 "${ssh[@]}" "$@" </dev/null >"$said" 2>/dev/null || status=$?
  told "$name" "$status" "$(head -c 60 "$said" | tr -cd '[:print:]')"
}

try() { # NAME ARGUMENT...   beside others, of which sshd lets ten knock at once
  tried=$((tried + 1))
  if ((tried > 6)); then wait -n; fi
  attempt "$tried" "$@" &
}

reach() { # HOST:PORT   through the appliance
  try "reach $1" -W "$1" "vma_tunnel@$appliance"
}

listen() { # WHAT   on the appliance; with -f ssh ends well as soon as that is allowed
  try "listen at $1" -fN -o ExitOnForwardFailure=yes -R "$1" "vma_tunnel@$appliance"
}

for port in 22 80 443 3001 3306 8081 8090 9081 9082 10808 10810; do reach "127.0.0.1:$port"; done
for host in localhost '[::1]' "$appliance" "$neighbour" 0.0.0.0; do
  reach "$host:10809"
  reach "$host:8082"
  reach "$host:22"
done

for port in 0 1080 8082 9080 9082 9097 10809 22222; do listen "127.0.0.1:$port:127.0.0.1:8081"; done
for host in 0.0.0.0 '*' '[::1]' "$appliance"; do listen "$host:9081:127.0.0.1:8081"; done
listen "127.0.0.1:1080"
listen "/tmp/planted.sock:127.0.0.1:8081"

try "a command" "vma_tunnel@$appliance" id
try "a shell" -T "vma_tunnel@$appliance"
try "a terminal" -tt "vma_tunnel@$appliance" id
try "sftp" -s "vma_tunnel@$appliance" sftp
try "X11" -X "vma_tunnel@$appliance" id
try "root" "root@$appliance" id
try "the operator" "oma_admin@$appliance" id

eval "$(ssh-agent -s)" >/dev/null
trap 'ssh-agent -k >/dev/null' EXIT
ssh-add -q key
try "the agent" -A "vma_tunnel@$appliance" 'ssh-add -l'
wait

# No option of ssh leads to a socket at once: it is bound to a port here, and asked for its greeting.
tried=$((tried + 1))
port=$((20000 + RANDOM % 10000))
"${ssh[@]}" -fN -o ExitOnForwardFailure=yes -L "127.0.0.1:$port:/run/mysqld/mysqld.sock" "vma_tunnel@$appliance" \
  </dev/null >/dev/null 2>&1
told "the database's socket" 1 "$(timeout 30 head -c 16 </dev/tcp/127.0.0.1/$port | tr -cd '[:print:]' || true)"

cat "$results/possible" 2>/dev/null || true
printf '%s tried\n' "$tried"
