#!/usr/bin/env bash
# What sshd allows a VMA that comes in at port 443, and whom else it lets in there:
# {"permitopen": "127.0.0.1:10809 127.0.0.1:8082", ..., "others": "vma_tunnel vma_enrol"}.
set -euo pipefail

mkdir -p /run/sshd
rules() { # USER
  /usr/sbin/sshd -T -C "user=$1,host=client,addr=192.0.2.1,laddr=192.0.2.2,lport=443"
}
{
  rules vma_tunnel
  # A line for each.
  rules root | sed -n 's/^allowusers //p' | paste -sd ' ' | sed 's/^/others /'
} | python3 -c '
import json
import sys

wanted = (
    "allowtcpforwarding", "permitopen", "permitlisten", "gatewayports", "allowstreamlocalforwarding",
    "allowagentforwarding", "x11forwarding", "permittunnel", "permittty", "permituserrc", "maxsessions",
    "authenticationmethods", "authorizedkeysfile", "authorizedkeyscommand", "others",
)
pairs = (line.split(None, 1) for line in sys.stdin)
print(json.dumps({pair[0]: pair[1].strip() for pair in pairs if pair[0] in wanted}))
'
