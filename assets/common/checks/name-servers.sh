#!/usr/bin/env bash
# Name servers that the machine asks: {"servers": ["10.1.1.1"]}.
set -euo pipefail

{
  resolvectl dns 2>/dev/null | sed "s/^[^:]*://" | tr " " "\n" || true
  awk '/^nameserver/ { print $2 }' /etc/resolv.conf
} | python3 -c '
import json, sys

found = [word for word in sys.stdin.read().split() if not word.startswith("127.")]
print(json.dumps({"servers": list(dict.fromkeys(found))}))
'
