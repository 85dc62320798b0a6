#!/usr/bin/env bash
# The appliance's face on the first console. What it shows is data: /etc/ossea/console.json.
#
# --once   prints the dashboard and ends
set -euo pipefail
exec python3 -I /usr/local/lib/ossea/wizard /etc/ossea/console.json "$@"
