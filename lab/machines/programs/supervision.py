"""
What supervisors of machines have in common: they outlive the lab's process, tell in a file what runs, hold the machine's
control groups, console and log, and leave nothing on the host but files.
"""

import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
import time

LOG_BYTES = 1024 * 1024
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


class Log:
    """The machine's own words while it boots and runs. A guest that never stops writing does not fill the host's disk."""

    def __init__(self, path):
        self.path = path
        self.file = open(path, "ab", buffering=0)
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.reading, False)

    def take(self):
        """What came in. Returns whether there was something."""
        try:
            text = os.read(self.reading, 65536)
        except OSError:
            return False
        try:
            if self.file.tell() + len(text) > LOG_BYTES:
                os.replace(self.path, f"{self.path}.1")
                self.file.close()
                self.file = open(self.path, "ab", buffering=0)
            self.file.write(text)
        except OSError as error:
            print(f"{self.path}: {error}", file=sys.stderr)
        return bool(text)


def mark(pid):
    """A process and the time of its start: a number alone may be another's tomorrow."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return {"pid": pid, "startTime": file.read().rpartition(")")[2].split()[19]}


def tell_running(path, **marks):
    with open(f"{path}.new", "w", encoding="ascii") as file:
        json.dump(marks, file)
    os.rename(f"{path}.new", path)


def tell_caller(line):
    """Once; whoever started the machine may have gone."""
    try:
        print(line, flush=True)
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 1)
    except OSError:
        pass


def enter_group(folder):
    with open(f"{folder}/cgroup.procs", "w", encoding="ascii") as file:
        file.write("0")


def become_machine(groups):
    """In the child: the machine's groups, and no life without the supervisor, which holds its disk and console."""
    for group in groups:
        enter_group(group)
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def remove_group(group):
    """A killed guest takes a moment until its last process is gone."""
    deadline = time.monotonic() + 5
    while True:
        try:
            for folder, _, _ in os.walk(group, topdown=False):
                os.rmdir(folder)
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def leave_host(spec):
    """Nothing of the machine stays on the host but its files, whoever ended it."""
    for group in spec["groups"]:
        try:
            enter_group(os.path.dirname(group))
            remove_group(group)
        except OSError as error:
            print(f"{group}: {error}", file=sys.stderr)
    if spec.get("namespace"):
        subprocess.run(["ip", "netns", "delete", os.path.basename(spec["namespace"])], check=False, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if os.path.exists(spec["running"]):
        os.unlink(spec["running"])


def keep(supervise):
    """The whole of a supervisor: `supervise` gets the machine's spec from standard input, and returns the exit status."""
    spec = json.load(sys.stdin)
    tell_running(spec["running"], supervisor=mark(os.getpid()))
    try:
        for group in spec["groups"]:
            os.makedirs(f"{group}/console", exist_ok=True)
            enter_group(f"{group}/console")
        sys.exit(supervise(spec))
    finally:
        leave_host(spec)


def serve(process, console, log, started, tick=None, seconds=None):
    """
    Console and log until the process has ended; returns its status.
    started  asked again and again until it returns true
    tick     done every so many seconds from then on
    """
    selector = selectors.DefaultSelector()
    console.serve(selector)
    selector.register(log.reading, selectors.EVENT_READ, log.take)
    ended = os.pidfd_open(process.pid)
    selector.register(ended, selectors.EVENT_READ, None)
    told = False
    try:
        while True:
            ready = selector.select(timeout=seconds if told else 0.02)
            if told and not ready and tick:
                tick()
            for key, _ in ready:
                if key.fd == ended:
                    while log.take():
                        pass
                    return process.wait()
                key.data()
            told = told or started()
    finally:
        selector.close()
        os.close(ended)
