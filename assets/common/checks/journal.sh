#!/usr/bin/env bash
# Journals of other machines on this one: {"foreign": ["0123..."]}.
set -euo pipefail

own=$(cat /etc/machine-id)
find /var/log/journal -mindepth 1 -maxdepth 1 -type d ! -name "$own" -printf '%f\n' 2>/dev/null |
  python3 -c 'import json, sys; print(json.dumps({"foreign": sys.stdin.read().split()}))'
