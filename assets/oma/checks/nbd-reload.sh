#!/usr/bin/env bash
# Whether the volume daemon can make the NBD server take up an export: it writes a file, and signals the process whose
# number it reads: {"signalled": "nbd-server", "writable": true}.
set -euo pipefail

signalled=""
if pid=$(cat /run/nbd-server.pid 2>/dev/null) && [[ $pid == "$(systemctl show --property=MainPID --value nbd-server)" ]]; then
  signalled=$(cat "/proc/$pid/comm" 2>/dev/null || true)
fi
writable=false
daemon=$(systemctl show --property=MainPID --value volume-daemon)
# As the daemon sees it: its unit makes most of the file system read-only for it.
if ((daemon > 0)) && nsenter --target "$daemon" --mount test -w /etc/nbd-server/conf.d; then writable=true; fi
printf '{"signalled": "%s", "writable": %s}\n' "${signalled//[^a-z-]/}" "$writable"
