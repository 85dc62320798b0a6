#!/usr/bin/env bash
# Where a secret of this machine can be read by everyone: {"places": ["command line of 812 (oma-api)"]}. Names places only.
set -euo pipefail

python3 - <<'PYTHON'
import glob
import json
import os
import re
import stat

SECRET = re.compile(r"(PASSWORD|PASS|KEY|TOKEN|SECRET|DSN)$")


def secrets():
    for path in glob.glob("/etc/migratekit/*.env") + glob.glob("/etc/ossea/*.env"):
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                name, _, value = line.rstrip("\n").partition("=")
                if SECRET.search(name) and len(value) >= 8:
                    found = re.search(r":([^:@]+)@", value)
                    yield (found.group(1) if found else value).encode()


def places(values):
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as command:
                content = command.read()
        except OSError:
            continue
        if any(value in content for value in values):
            name = os.path.basename(content.split(b"\0")[0].decode("utf-8", "replace"))
            yield f"command line of {path.split('/')[2]} ({name})"
    for folder in ("/etc/systemd/system", "/etc/migratekit", "/etc/ossea", "/opt/ossea-migrate", "/var/log"):
        for base, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(base, name)
                mode = os.lstat(path).st_mode
                if not stat.S_ISREG(mode) or not mode & 0o044 or path.endswith(".journal"):
                    continue
                with open(path, "rb") as file:
                    content = file.read(4 * 1024 * 1024)
                if any(value in content for value in values):
                    yield path


print(json.dumps({"places": sorted(set(places(set(secrets()))))}))
PYTHON
