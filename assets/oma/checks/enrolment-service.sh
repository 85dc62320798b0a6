#!/usr/bin/env bash
# The way by which VMAs are enrolled: {"reason": "", "rules": {"forcecommand": "...", ...}}. The reason says why the
# service does not answer its operators, or the door's user.
set -euo pipefail

mkdir -p /run/sshd
rules=$(/usr/sbin/sshd -T -C user=vma_enrol,host=client,addr=192.0.2.1,laddr=192.0.2.2,lport=443)
denied=$(/usr/sbin/sshd -T -C user=vma_enrol,host=client,addr=192.0.2.1,laddr=192.0.2.2,lport=22 | sed -n 's/^denyusers //p')
key=$(mktemp)
trap 'rm -f "$key"' EXIT
printf 'publickey ssh-ed25519 AAAA\n' >"$key"
chmod 0644 "$key"
door=$(SSH_USER_AUTH=$key runuser -u vma_enrol --preserve-environment -- /usr/local/lib/ossea/enrolment/door.py <<<'{"request": "result", "enrollment_id": "none"}' || true)
RULES=$rules DENIED=$denied DOOR=$door python3 - <<'PYTHON'
import json
import os
import sys

sys.path.insert(0, "/usr/local/lib/ossea/enrolment")
sys.dont_write_bytecode = True

from operators import Unanswered, ask

WANTED = (
    "forcecommand", "disableforwarding", "permittty", "maxsessions", "authenticationmethods", "authorizedkeysfile",
    "pubkeyacceptedalgorithms", "exposeauthinfo",
)
reason = ""
try:
    ask({"request": "pending"})
    said = json.loads(os.environ["DOOR"] or "{}").get("error", "nothing")
    if said != "no such enrolment":
        reason = f"the door says: {said}"
except Unanswered as fault:
    reason = str(fault)
pairs = (line.split(None, 1) for line in os.environ["RULES"].splitlines() if " " in line)
rules = {name: value.strip() for name, value in pairs if name in WANTED}
print(json.dumps({"reason": reason, "rules": rules | {"deniedAtPort22": os.environ["DENIED"]}}))
PYTHON
