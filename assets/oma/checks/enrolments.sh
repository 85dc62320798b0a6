#!/usr/bin/env bash
# Enrolled VMAs whose files open nothing: {"faults": ["vma-2: the port is that of vma-1"]}.
set -euo pipefail

/usr/local/lib/ossea/enrolled-keys --faults |
  python3 -c 'import json, sys; print(json.dumps({"faults": sys.stdin.read().splitlines()}))'
