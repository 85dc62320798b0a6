#!/usr/bin/env bash
# Tells sshd the keys of the enrolled VMAs (AuthorizedKeysCommand), each bound to its own port. A VMA is one file; to
# revoke it, remove the file. What is malformed opens nothing, and is told in the journal.
#
#   /etc/ossea/enrolled-vmas/NAME
#     key=ssh-ed25519 AAAA...    public key; what stands behind it is not taken over, options before it are refused
#     port=9081                  of this machine's loopback, leads to the VMA's own API; as in sshd's PermitListen
#
# usage: enrolled-keys [USER]      the keys, as sshd asks for them
#        enrolled-keys --faults    what is malformed, one fault a line
set -euo pipefail

folder=${OSSEA_ENROLLED:-/etc/ossea/enrolled-vmas}
first_port=9081
last_port=9096
key_form='^((ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/]+={0,2})( [[:print:]]*)?$'
mode=${1:-}
declare -A owner_of=()

refuse() { # NAME WHY
  if [[ $mode == --faults ]]; then
    printf '%s: %s\n' "$1" "$2"
  else
    logger --priority auth.warning --tag enrolled-keys -- "$1 opens nothing: $2"
  fi
}

value_of() { # FILE NAME
  sed -n "s/^$2=//p" "$1"
}

claim() { # NAME WHAT VALUE
  local owner=${owner_of[$3]:-}
  if [[ -n $owner ]]; then
    refuse "$1" "the $2 is that of $owner"
    return 1
  fi
  owner_of[$3]=$1
}

for file in "$folder"/*; do
  if [[ ! -f $file ]]; then continue; fi
  name=${file##*/}
  line=$(value_of "$file" key)
  port=$(value_of "$file" port)
  if [[ ! $name =~ ^[A-Za-z0-9][A-Za-z0-9-]{0,62}$ ]]; then
    refuse "${name@Q}" "the name has other characters than letters, digits and hyphens"
  elif [[ ! $port =~ ^[1-9][0-9]{3}$ ]] || ((port < first_port || port > last_port)); then
    refuse "$name" "the port is none of $first_port to $last_port"
  elif [[ ! $line =~ $key_form ]]; then
    refuse "$name" "the key is not one line that begins with the type of a key"
  elif key=${BASH_REMATCH[1]} && claim "$name" port "$port" && claim "$name" key "$key"; then
    if [[ $mode != --faults ]]; then
      printf 'restrict,port-forwarding,permitlisten="127.0.0.1:%s" %s %s\n' "$port" "$key" "$name"
    fi
  fi
done
