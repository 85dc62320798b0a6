#!/usr/bin/env bash
# What systemd has to say about the appliance's unit files: {"complaints": []}.
set -euo pipefail

mapfile -t units </etc/ossea/units
{ systemd-analyze verify --man=no "${units[@]}" 2>&1 || true; } | UNITS="${units[*]}" python3 -c '
import json
import os
import sys

# It looks at all that the units pull in; what the distribution wrote is not for us to mend.
ours = os.environ["UNITS"].split()
lines = [line.strip() for line in sys.stdin]
print(json.dumps({"complaints": [line for line in lines if any(unit in line for unit in ours)]}))
'
