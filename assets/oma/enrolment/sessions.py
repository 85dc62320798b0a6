"""Sessions of VMAs, as sshd's own lines in the journal tell them: which process, which key, from where."""

import json
import os
import re
import signal
import subprocess
import time

ACCEPTED = re.compile(
    r"Accepted publickey for vma_tunnel from (?P<address>\S+) port \d+ ssh2: \S+ (?P<fingerprint>SHA256:[A-Za-z0-9+/]{43})"
)
SESSION = re.compile(r"sshd(-session)?: vma_tunnel \[priv\]")
CLOSED = re.compile(r"pam_unix\(sshd:session\): session closed for user vma_tunnel")
# --follow alone means this boot, and in a container the unit sees the id of its host's boot: --merge takes that back.
FOLLOW = ["journalctl", "--follow", "--merge", "--lines=all", "--output=json", "--identifier=sshd", "--identifier=sshd-session"]


class Sessions:
    """Process -> fingerprint of those that are open."""

    def __init__(self):
        self.open = {}

    def events(self):
        """("connection" | "disconnection", fingerprint, address), as they happen; first those since the machine's start."""
        with subprocess.Popen([*FOLLOW, f"--since=@{started()}"], stdout=subprocess.PIPE, text=True) as journal:
            for line in journal.stdout:
                entry = json.loads(line)
                event = self.event_of(int(entry.get("_PID", 0)), str(entry.get("MESSAGE", "")))
                if event:
                    yield (*event, int(entry.get("__REALTIME_TIMESTAMP", 0)) / 1e6)

    def event_of(self, process, words):
        found = ACCEPTED.search(words)
        if found:
            self.open[process] = found["fingerprint"]
            return "connection", found["fingerprint"], found["address"]
        if CLOSED.search(words) and process in self.open:
            return "disconnection", self.open.pop(process), None
        return None

    def end(self, fingerprint):
        """
        Ends every session of this key, and says how many. One of which nobody knows whose it is ends as well: a VMA
        that is still enrolled is there again after some seconds.
        """
        found = [process for process in tunnels() if self.open.get(process, fingerprint) == fingerprint]
        for process in found:
            os.kill(process, signal.SIGTERM)
        return len(found)


def started():
    """When this machine started, in seconds."""
    with open("/proc/uptime", encoding="ascii") as file:
        return int(time.time() - float(file.read().split()[0]))


def tunnels():
    """Of each session the process that the other ones belong to; its end is theirs."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                if SESSION.fullmatch(file.read().rstrip(b"\0").decode(errors="replace")):
                    yield int(name)
        except OSError:
            continue
