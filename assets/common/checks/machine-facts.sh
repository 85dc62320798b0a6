#!/usr/bin/env bash
# Who this machine is, and what it is made of, to be compared with its twin's. Of a secret there is a digest, keyed with
# NONCE, which only the two machines of one comparison are told.
# {"identity": {"machine-id": "...", "addresses": [...]}, "contents": {"packages": {...}, "files": {...}, ...}}
set -euo pipefail

python3 - <<'PYTHON'
import glob
import hashlib
import hmac
import json
import os
import re
import stat
import subprocess

NONCE = bytes.fromhex(os.environ["NONCE"])
# What the first boot makes, the lease brings, and a running system writes for itself.
OWN = re.compile(
    r"/etc/(machine-id|hostname|hosts|resolv\.conf|ssh/ssh_host_.*|ossea/(database\.env|host-key-attestation|sealed|identity.*)"
    r"|migratekit/.*\.env|ssl/private/.*|ssl/certs/oma.*|ld\.so\.cache|\.updated|mtab|adjtime|netplan/.*|subuid-|subgid-)|"
    r"/usr/local/lib/ossea/.*/__pycache__/.*|/opt/.*/\.next/cache/.*"
)
TREES = ("/etc", "/opt", "/usr/local")


def ran(*command):
    shown = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})
    return shown.stdout


def text(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip() or None
    except OSError:
        return None


def keyed(value):
    return hmac.new(NONCE, value.encode(), hashlib.sha256).hexdigest()[:16] if value else None


def secrets():
    """Every value of the environment files that the first boot writes, by file and variable."""
    found = {}
    for path in sorted(glob.glob("/etc/ossea/*.env") + glob.glob("/etc/migratekit/*.env")):
        for line in (text(path) or "").splitlines():
            name, _, value = line.partition("=")
            if re.search(r"(PASSWORD|KEY|TOKEN|SECRET|DSN)$", name):
                found[f"{os.path.basename(path)} {name}"] = keyed(value)
    return found


def host_keys():
    found = {}
    for path in sorted(glob.glob("/etc/ssh/ssh_host_*_key.pub")):
        kind, key = (text(path) or " ").split()[:2]
        found[kind] = hashlib.sha256(key.encode()).hexdigest()[:16]
    return found


def links():
    macs, addresses = [], []
    for link in json.loads(ran("ip", "-json", "address", "show") or "[]"):
        if link.get("ifname") == "lo":
            continue
        macs.append(link.get("address"))
        addresses += [entry["local"] for entry in link.get("addr_info", []) if entry.get("scope") == "global"]
    return macs, addresses


def client_ids():
    """What networkd names itself by when it asks for a lease."""
    found = []
    for path in glob.glob("/run/systemd/netif/leases/*"):
        found += re.findall(r"^CLIENTID=(\S+)$", text(path) or "", re.MULTILINE)
    return found


def database():
    """Name of the appliance's database, where it has one."""
    found = re.search(r"^DATABASE_NAME=(\w+)$", text("/etc/ossea/database.env") or "", re.MULTILINE)
    return found.group(1) if found else None


def asked(query):
    name = database()
    if not name:
        return []
    return ran("mariadb", "--protocol=socket", "--user=root", "--batch", "--skip-column-names", "-e", query, name).splitlines()


def instance_of_database():
    return asked("SELECT DISTINCT oma_vm_id FROM ossea_configs WHERE oma_vm_id REGEXP '^[0-9a-f-]{36}$'")


def entry(path, seen):
    kind = stat.S_IFMT(seen.st_mode)
    if kind == stat.S_IFLNK:
        content = os.readlink(path)
    elif kind == stat.S_IFREG:
        with open(path, "rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    else:
        content = ""
    return f"{path} {seen.st_mode:o} {seen.st_uid}:{seen.st_gid} {content}"


def files():
    """One digest for each folder of the trees: equal ones need not be told file by file."""
    found = {}
    for tree in TREES:
        for base, folders, names in os.walk(tree):
            lines = []
            for name in sorted(names + [folder for folder in folders if os.path.islink(os.path.join(base, folder))]):
                path = os.path.join(base, name)
                if not OWN.fullmatch(path):
                    lines.append(entry(path, os.lstat(path)))
            if lines:
                found[base] = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    return found


def packages():
    shown = ran("dpkg-query", "--show", "--showformat=${db:Status-Abbrev} ${binary:Package} ${Version}\\n")
    rows = (line.split() for line in shown.splitlines())
    return {row[1]: f"{row[0]} {row[2] if len(row) > 2 else ''}" for row in rows if len(row) > 1}


def unit_files():
    shown = ran("systemctl", "list-unit-files", "--no-legend", "--no-pager", "--plain")
    rows = (line.split() for line in shown.splitlines())
    # Sessions and whatever else runs at this moment have units of their own.
    return {row[0]: row[1] for row in rows if len(row) > 1 and row[1] not in ("transient", "generated")}


def listeners():
    found = set()
    for line in ran("ss", "--tcp", "--listening", "--numeric", "--no-header").splitlines():
        found.add(re.sub(r"%\w+", "", line.split()[3]))
    return sorted(found)


def tables():
    return sorted(asked("SELECT CONCAT(table_type, ' ', table_name) FROM information_schema.tables WHERE table_schema = DATABASE()"))


macs, addresses = links()
print(json.dumps({
    "identity": {
        "machine-id": text("/etc/machine-id"),
        "host-name": text("/etc/hostname"),
        "host-keys": host_keys(),
        "secrets": secrets(),
        "macs": macs,
        "addresses": addresses,
        "dhcp-client-ids": client_ids(),
        "instance-in-database": instance_of_database(),
        "random-seed": keyed((ran("sha256sum", "/var/lib/systemd/random-seed").split() or [""])[0]),
        "boot-id": text("/proc/sys/kernel/random/boot_id"),
        "journals": sorted(os.path.basename(path) for path in glob.glob("/var/log/journal/*") + glob.glob("/run/log/journal/*")),
    },
    "contents": {
        "os": text("/etc/os-release"),
        "packages": packages(),
        "unit-files": unit_files(),
        "users": text("/etc/passwd"),
        "groups": text("/etc/group"),
        "files": files(),
        "listeners": listeners(),
        "tables": tables(),
    },
}))
PYTHON
