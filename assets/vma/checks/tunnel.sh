#!/usr/bin/env bash
# The tunnel as ssh would build it, and what speaks against the enrolment: {"options": {"port": "443", ...},
# "forwards": ["localforward [127.0.0.1]:10808 [127.0.0.1]:10809"], "enrolled": false, "faults": [], "down": ""}. Down says
# why there is no tunnel although there is an enrolment.
set -euo pipefail

python3 - <<'PYTHON'
import json
import os
import pwd
import subprocess
import sys

sys.path.insert(0, "/usr/local/lib/ossea/tunnel")
sys.dont_write_bytecode = True

import enrolment

WANTED = (
    "port", "user", "stricthostkeychecking", "userknownhostsfile", "globalknownhostsfile", "hostkeyalias",
    "exitonforwardfailure", "batchmode", "serveraliveinterval", "serveralivecountmax", "sessiontype",
)


def state(name):
    """What the tunnel's unit says of itself: whom it keeps it up for, between two ssh as well, and what is wrong."""
    try:
        with open("/run/vma-tunnel/state.json", encoding="utf-8") as file:
            return json.load(file)[name]
    except (OSError, ValueError, KeyError):
        return ""


def why_down():
    listening = subprocess.run(["ss", "-Hltn", "sport = :10808"], capture_output=True, text=True, check=False).stdout
    return "" if listening.strip() else state("fault") or "it is not up yet"


def peers():
    """Whom the ssh processes of the tunnel's unit were started for."""
    said = subprocess.run(
        ["systemctl", "show", "--property=ControlGroup", "--value", "vma-ssh-tunnel.service"],
        capture_output=True, text=True, check=False).stdout.strip()
    try:
        with open(f"/sys/fs/cgroup{said}/cgroup.procs", encoding="ascii") as file:
            processes = file.read().split()
    except OSError:
        processes = os.listdir("/proc")
    found = set()
    for process in filter(str.isdigit, processes):
        try:
            with open(f"/proc/{process}/cmdline", "rb") as file:
                words = file.read().decode(errors="replace").split("\0")
        except OSError:
            continue
        if words[0] == "ssh" and "/etc/ossea/tunnel/ssh_config" in words:
            found |= {word.removeprefix("HostName=") for word in words if word.startswith("HostName=")}
    return found | ({state("host")} - {""})


def key_fault():
    try:
        seen = os.stat(enrolment.KEY)
    except OSError as error:
        return f"{enrolment.KEY}: {error.strerror}"
    owner = pwd.getpwuid(seen.st_uid).pw_name
    if owner != "vma" or seen.st_mode & 0o777 != 0o600:
        return f"{enrolment.KEY} belongs to {owner} with mode {seen.st_mode & 0o777:04o}, not to vma with 0600"
    readable = subprocess.run(["runuser", "-u", "vma", "--", "test", "-r", enrolment.KEY], check=False)
    return "" if readable.returncode == 0 else f"vma cannot read {enrolment.KEY}"


def faults():
    try:
        settings = enrolment.read()
    except enrolment.Malformed as fault:
        return True, [str(fault)]
    if settings is None:
        return False, [f"without an enrolment there is a tunnel to {peer}" for peer in peers()]
    others = [f"the tunnel leads to {peer}, the enrolment says {settings.host}" for peer in peers() - {settings.host}]
    return True, [fault for fault in (key_fault(), enrolment.host_key_fault()) if fault] + others


shown = subprocess.run(["ssh", "-G", "-F", "/etc/ossea/tunnel/ssh_config", "oma"], capture_output=True, text=True, check=False)
pairs = [line.split(None, 1) for line in shown.stdout.splitlines() if " " in line]
enrolled, found = faults()
print(json.dumps({
    "options": {name: value for name, value in pairs if name in WANTED},
    "forwards": sorted(f"{name} {value}" for name, value in pairs if name.endswith("forward") and "[" in value),
    "enrolled": enrolled,
    "faults": found,
    "down": why_down() if enrolled else "",
}))
PYTHON
