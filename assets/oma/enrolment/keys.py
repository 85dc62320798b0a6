"""The files of enrolled VMAs, which sshd's AuthorizedKeysCommand reads: one for each, with its key and its port."""

import os
import re
import tempfile

FOLDER = "/etc/ossea/enrolled-vmas"
PORTS = range(9081, 9097)


class NoPort(Exception):
    """Every port has its VMA."""


def entries():
    """Name -> {"key", "port"}."""
    found = {}
    for name in sorted(os.listdir(FOLDER)):
        # A draft has a dot before its name.
        if not name.startswith("."):
            with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
                found[name] = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    return found


def name_of(enrolment):
    """What a person recognises, and nothing that means something to a file system or to sshd."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", enrolment["vma_name"] or "").strip("-")[:40]
    return f"{words or 'vma'}-{enrolment['id'][:8]}"


def free_port():
    """Raises NoPort."""
    taken = {entry.get("port") for entry in entries().values()}
    port = next((port for port in PORTS if str(port) not in taken), None)
    if port is None:
        raise NoPort(f"all {len(PORTS)} ports have their VMA; revoke one that is not used any more")
    return port


def add(enrolment, port):
    """The port is this VMA's from now on."""
    handle, draft = tempfile.mkstemp(dir=FOLDER, prefix=".draft-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o644)
        file.write(f"key={enrolment['vma_public_key']}\nport={port}\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, os.path.join(FOLDER, name_of(enrolment)))


def port_of(enrolment):
    entry = entries().get(name_of(enrolment))
    return int(entry["port"]) if entry else None


def remove(enrolment):
    try:
        os.unlink(os.path.join(FOLDER, name_of(enrolment)))
    except FileNotFoundError:
        return False
    return True
