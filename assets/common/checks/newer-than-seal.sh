#!/usr/bin/env bash
# Which identities of this machine are as old as its template: {"sealed": true, "old": ["/etc/ssh/ssh_host_rsa_key"]}.
set -euo pipefail

python3 - <<'PYTHON'
import glob
import json
import os

sealed_at = "/var/lib/ossea/sealed-at"
patterns = [
    "/etc/machine-id",
    "/etc/hostname",
    "/etc/ssh/ssh_host_*",
    "/home/*/.ssh/authorized_keys",
    "/root/.ssh/authorized_keys",
    "/etc/ossea/host-key-attestation",
    "/etc/ossea/database.env",
    "/etc/migratekit/*.env",
    "/etc/ssl/private/*.key",
    "/opt/vma/enrollment/*",
    "/var/lib/systemd/random-seed",
    "/var/lib/systemd/credential.secret",
    "/var/log/journal/*",
]
if not os.path.exists(sealed_at):
    print(json.dumps({"sealed": False, "old": []}))
else:
    born = os.stat(sealed_at).st_mtime
    found = [path for pattern in patterns for path in glob.glob(pattern)]
    print(json.dumps({"sealed": True, "old": sorted(path for path in found if os.stat(path).st_mtime <= born)}))
PYTHON
