#!/usr/bin/env bash
# Network configuration that fits one machine alone: {"files": []}; and whether any is there: {"dhcp": true}.
set -euo pipefail

python3 - <<'PYTHON'
import glob
import json
import re

patterns = ("/etc/netplan/*", "/etc/systemd/network/*", "/etc/network/interfaces", "/etc/network/interfaces.d/*", "/etc/udev/rules.d/*net*")
pinned = []
dhcp = False
for path in sorted(path for pattern in patterns for path in glob.glob(pattern)):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if re.search(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", text, re.IGNORECASE):
        pinned.append(path)
    dhcp = dhcp or bool(re.search(r"^\s*(DHCP=(yes|ipv4)|dhcp4:\s*true)", text, re.MULTILINE))
print(json.dumps({"files": pinned, "dhcp": dhcp}))
PYTHON
