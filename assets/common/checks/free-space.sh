#!/usr/bin/env bash
# File systems that are full or nearly so: {"full": ["/var/lib/mysql has 12 MiB left"]}.
set -euo pipefail

least_mib=512
least_inodes_percent=2
folders=()
for folder in / /var /var/log /var/lib/mysql /var/backups /opt /tmp; do
  if [[ -d $folder ]]; then folders+=("$folder"); fi
done
df --block-size=1M --output=avail,itotal,iavail,target "${folders[@]}" | tail -n +2 | sort -u |
  awk -v mib="$least_mib" -v percent="$least_inodes_percent" '
    $1 < mib { printf "%s has %s MiB left\n", $4, $1 }
    $2 > 0 && $3 * 100 < $2 * percent { printf "%s has %s of its %s inodes left\n", $4, $3, $2 }' |
  python3 -c 'import json, sys; print(json.dumps({"full": sys.stdin.read().splitlines()}))'
