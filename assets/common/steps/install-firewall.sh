#!/usr/bin/env bash
# Writes the firewall, which nftables.service loads before the network comes up. Nothing is loaded here.
#
# port=22   TCP port that is open to the network, repeated
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"
read_parameters 'port=*'
mapfile -t ports < <(values port)
((${#ports[@]} > 0)) || fault "no port was named; nobody would reach the machine"
for port in "${ports[@]}"; do
  if [[ ! $port =~ ^[1-9][0-9]{0,4}$ ]] || ((port > 65535)); then fault "'$port' is not a port"; fi
done
stop_on_faults

draft=$(mktemp)
{
  printf '#!/usr/sbin/nft -f\ndefine offered = { %s }\n' "$(printf '%s\n' "${ports[@]}" | paste -sd , | sed 's/,/, /g')"
  cat "$payload/assets/common/steps/firewall/rules.nft"
} >"$draft"
said=$(nft --check --file "$draft" 2>&1) || stop "the rules are refused: $said"
install -D -m 0644 "$draft" "$root/etc/nftables.conf"
rm -f "$draft"
printf 'open to the network: TCP %s\n' "${ports[*]}"
