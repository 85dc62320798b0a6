#!/usr/bin/env bash
# Size of the root file system: {"gib": 98.3}.
set -euo pipefail

df --output=size / | tail -n 1 | awk '{ printf "{\"gib\": %.1f}\n", $1 / 1048576 }'
