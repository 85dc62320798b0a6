#!/usr/bin/env bash
# What sshd would do by its configuration: {"passwordauthentication": "no", "permitrootlogin": "no", ...}.
set -euo pipefail

mkdir -p /run/sshd
"$(command -v sshd || printf /usr/sbin/sshd)" -T -C user=root,host=client,addr=192.0.2.1,laddr=192.0.2.2,lport=22 | python3 -c '
import json
import sys

wanted = ("passwordauthentication", "kbdinteractiveauthentication", "permitrootlogin", "pubkeyauthentication")
pairs = (line.split(None, 1) for line in sys.stdin)
print(json.dumps({pair[0]: pair[1].strip() for pair in pairs if pair[0] in wanted}))
'
