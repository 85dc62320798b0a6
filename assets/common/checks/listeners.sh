#!/usr/bin/env bash
# TCP ports that programs hold open beyond loopback: {"ports": [22, 3001], "shielded": [8090]}. The second list is what
# the firewall keeps from the network.
set -euo pipefail

offered=$(nft --json list set inet ossea offered 2>/dev/null || true)
ss --tcp --listening --numeric --no-header | OFFERED=$offered python3 -c '
import json
import os
import sys

text = os.environ["OFFERED"]
sets = [entry["set"]["elem"] for entry in json.loads(text)["nftables"] if "set" in entry] if text else []
listening = set()
for line in sys.stdin:
    address, port = line.split()[3].rsplit(":", 1)
    address = address.strip("[]").split("%")[0]
    if not address.startswith("127.") and address != "::1":
        listening.add(int(port))
shielded = listening - set(sets[0]) if sets else set()
print(json.dumps({"ports": sorted(listening - shielded), "shielded": sorted(shielded)}))
'
