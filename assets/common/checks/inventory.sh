#!/usr/bin/env bash
# What this machine is made of and how its setup wizard looks: {"packages": {"bash": "5.2"}, "os": "...", "kernel": "...",
# "boot": {"seconds": 7.9, "units": {"mariadb.service": 1.2}}, "screen": BASE64 of what a terminal of 80x24 is sent}.
# WIZARD names the wizard's program; without one there is no screen.
set -euo pipefail

python3 - <<'PYTHON'
import base64
import fcntl
import json
import os
import platform
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

QUIET_SECONDS = 1.0
LONGEST_SECONDS = 15.0


def ran(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout


def packages():
    shown = ran("dpkg-query", "--show", "--showformat=${db:Status-Status}\t${binary:Package}\t${Version}\n")
    rows = (line.split("\t") for line in shown.splitlines())
    return {name: version for state, name, version in rows if state == "installed"}


def seconds_of(text):
    units = {"min": 60, "s": 1, "ms": 0.001}
    return round(sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)(min|ms|s)", text)), 3)


def boot():
    total = re.search(r"= (.+)$|in ([^()]+) \(userspace\)", ran("systemd-analyze").splitlines()[0] if ran("systemd-analyze") else "")
    units = {}
    for line in ran("systemd-analyze", "blame", "--no-pager").splitlines():
        *words, unit = line.split()
        if unit.endswith(".service"):
            units[unit] = seconds_of(" ".join(words))
    return {"seconds": seconds_of(total.group(1) or total.group(2)) if total else None, "units": units}


def screen(program):
    """What the wizard draws on a terminal, until it waits for a key."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(program, [program], {**os.environ, "TERM": "linux", "LC_ALL": "C.UTF-8"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    drawn = b""
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        ready, _, _ = select.select([terminal], [], [], QUIET_SECONDS if drawn else LONGEST_SECONDS)
        if not ready:
            break
        try:
            drawn += os.read(terminal, 65536)
        except OSError:
            break
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return base64.b64encode(drawn[-65536:]).decode()


wizard = os.environ.get("WIZARD", "")
name = re.search(r'^PRETTY_NAME="?([^"\n]*)', open("/etc/os-release", encoding="utf-8").read(), re.MULTILINE)
print(json.dumps({
    "packages": packages(),
    "os": name.group(1) if name else "",
    "kernel": platform.release(),
    "boot": boot(),
    "screen": screen(wizard) if wizard and os.path.exists(wizard) else "",
}))
PYTHON
