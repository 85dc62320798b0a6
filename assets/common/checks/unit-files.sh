#!/usr/bin/env bash
# What systemd has to say about the appliance's unit files, drop-ins among them: {"complaints": []}.
set -euo pipefail
# An appliance may have none of a kind, and systemctl takes a pattern for every unit that fits it.
shopt -s nullglob

here=/etc/systemd/system
mapfile -t units </etc/ossea/units
# The build's own units, and those of packages that it adds to.
for path in "$here"/ossea-*.service "$here"/*.service.d "$here"/*.socket.d; do
  name=$(basename "$path" .d)
  if systemctl cat "$name" >/dev/null 2>&1; then units+=("$name"); fi
done
{ systemd-analyze verify --man=no "${units[@]}" 2>&1 || true; } | HERE=$here UNITS="${units[*]}" python3 -c '
import json
import os
import sys

# It looks at all that the units pull in; what the distribution wrote is not for us to mend.
ours = [os.environ["HERE"] + "/", *os.environ["UNITS"].split()]
lines = [line.strip() for line in sys.stdin]
print(json.dumps({"complaints": [line for line in lines if any(unit in line for unit in ours)]}))
'
