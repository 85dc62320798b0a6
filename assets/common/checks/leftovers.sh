#!/usr/bin/env bash
# What a build leaves behind and no appliance should have: {"credentials": [], "privateKeys": [], "histories": [],
# "others": []}.
# Names places only.
set -euo pipefail

python3 - <<'PYTHON'
import glob
import json
import os

HOMES = ["/root", *glob.glob("/home/*"), "/var/lib/vma_tunnel"]
CREDENTIALS = (
    ".netrc", ".my.cnf", ".mylogin.cnf", ".pgpass", ".git-credentials", ".npmrc", ".pypirc", ".vault-token",
    ".aws", ".docker", ".gnupg", ".kube", ".config/gcloud", ".config/gh", ".ssh/config", ".ssh/known_hosts",
)
HISTORIES = (".*_history", ".zhistory", ".lesshst", ".viminfo", ".wget-hsts", ".local/share/mc/history")
OTHERS = (
    "/var/mail/*", "/var/spool/mqueue/*", "/var/spool/cron/crontabs/*", "/var/spool/cron/atspool/*",
    "/var/cache/pollinate/*", "/var/lib/ubuntu-advantage/private/*", "/var/lib/landscape/client/*",
    "/var/lib/whoopsie/whoopsie-id", "/var/lib/fwupd/pki/*", "/etc/machine-info",
    "/etc/**/*~", "/etc/**/*.bak", "/etc/**/*.swp", "/etc/**/*.orig", "/etc/**/*.dpkg-old", "/etc/**/*.dpkg-dist",
)
# Made by the first boot, and looked at by other checks.
OWN = ("/etc/ssh/ssh_host_", "/etc/ssl/private/")
HEADER = b"-----BEGIN "
LONGEST = 64 * 1024


def existing(patterns):
    return sorted({path for pattern in patterns for path in glob.glob(pattern, recursive=True)})


def is_private_key(path):
    if path.startswith(OWN) or not os.path.isfile(path) or os.path.islink(path) or os.path.getsize(path) > LONGEST:
        return False
    with open(path, "rb") as file:
        content = file.read()
    return any(line.startswith(HEADER) and b"PRIVATE KEY-----" in line for line in content.splitlines())


def files_below(*folders):
    for folder in folders:
        for base, _, names in os.walk(folder):
            yield from (os.path.join(base, name) for name in names)


print(json.dumps({
    "credentials": existing(f"{home}/{name}" for home in HOMES for name in CREDENTIALS),
    "privateKeys": sorted(filter(is_private_key, files_below("/etc", "/opt/ossea-migrate", "/opt/vma", "/srv", "/var/spool", *HOMES))),
    "histories": existing(f"{home}/{name}" for home in HOMES for name in HISTORIES),
    "others": existing(OTHERS),
}))
PYTHON
