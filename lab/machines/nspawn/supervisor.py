#!/usr/bin/env python3
"""Keeps one machine of the lab: mounts its disk, opens its console, boots it, and goes when it has gone.

Runs in a mount namespace of its own, so that its mounts end with it, however it ends. It outlives the lab's process.
Standard input is one JSON object:
  name      host name of the guest
  disk      image file with the machine's own changes
  lowers    folders or image files below it, the base last
  mounts    empty folder of this machine in which everything is mounted
  namespace path of the network namespace
  cpus      how many processors the guest sees
  memory    MiB that it sees
  groups    folders of its control groups; the supervisor stays in a group of its own in each
  running   file that tells the processes and the times of their starts while they run
  console   path of the UNIX socket of tty1
  screen    file that keeps the last of what tty1 showed
  log       file for the boot messages
  disks     file that names its data disks; on SIGHUP it is read again, see data_disks.py
One line is written to standard output when the guest's init runs: its process id. The exit status is nspawn's.
"""

import ctypes
import fcntl
import json
import os
import random
import selectors
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
import tty

from data_disks import DataDisks
from facts import Facts
from mounts import mount, mount_image, mount_layers

KEPT_BYTES = 64 * 1024
# An empty folder of the disk that the guest sees at /run/host/root-disk. An overlay cannot be trimmed, this can: it is
# the guest's own business to give back what it has deleted, as it is on a disk.
DISK_FOLDER = "disk"
ROWS, COLUMNS = 25, 80
MEMORY_SECONDS = 5
# nspawn's, of a guest that restarts.
RESTARTS = 133


def assemble(spec):
    """Mounts the layers and the disk, and returns the guest's root."""
    mounts = spec["mounts"]
    lowers = mount_layers(spec["lowers"], mounts)
    disk = mount_image(spec["disk"], f"{mounts}/disk", "noinit_itable")
    for folder in ("upper", "work", DISK_FOLDER):
        os.makedirs(f"{disk}/{folder}", mode=0o755, exist_ok=True)
    root = f"{mounts}/root"
    os.makedirs(root, exist_ok=True)
    os.chdir(mounts)
    options = f"lowerdir={':'.join(lowers)},upperdir=disk/upper,workdir=disk/work"
    mount("-t", "overlay", "overlay", "-o", options, root)
    return root


class Console:
    """tty1: one terminal, any number of readers."""

    def __init__(self, spec):
        self.master, self.slave = os.openpty()
        tty.setraw(self.master)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.path = os.ttyname(self.slave)
        self.screen = spec["screen"]
        self.kept = b""
        self.readers = set()
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # The folder may be deep: a socket's path is limited, a relative one in the right folder is short.
        os.chdir(os.path.dirname(spec["console"]))
        name = os.path.basename(spec["console"])
        if os.path.exists(name):
            os.unlink(name)
        self.server.bind(name)
        os.chmod(name, 0o600)
        self.server.listen()
        os.set_blocking(self.master, False)

    def shown(self, text):
        self.kept = (self.kept + text)[-KEPT_BYTES:]
        try:
            with open(self.screen, "wb") as file:
                file.write(self.kept)
        except OSError as error:
            # A full disk of the host is no reason to end a machine.
            print(f"{self.screen}: {error}", file=sys.stderr)
        for reader in list(self.readers):
            try:
                reader.send(text)
            except BlockingIOError:
                pass
            except OSError:
                self.leave(reader)

    def typed(self, keys):
        try:
            os.write(self.master, keys)
        except BlockingIOError:
            # Nothing in the guest reads its keyboard and the terminal's buffer is full: as on a real one, keys are lost.
            pass

    def join(self):
        reader, _ = self.server.accept()
        reader.setblocking(False)
        try:
            reader.send(self.kept)
        except OSError:
            reader.close()
            return None
        self.readers.add(reader)
        return reader

    def leave(self, reader):
        self.readers.discard(reader)
        reader.close()


def leader_of(process):
    """The guest's init: process 1 of the innermost namespace below nspawn, once it is what it will be."""
    for child in children(process):
        try:
            with open(f"/proc/{child}/comm", encoding="ascii") as comm:
                name = comm.read().strip()
        except OSError:
            continue
        if name == "systemd-nspawn":
            return leader_of(child)
        if name in ("systemd", "init"):
            return int(child)
    return None


def children(process):
    try:
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
            return file.read().split()
    except OSError:
        return []


def mark(pid):
    """A process and the time of its start: a number alone may be another's tomorrow."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return {"pid": pid, "startTime": file.read().rpartition(")")[2].split()[19]}


def tell_running(path, **marks):
    with open(f"{path}.new", "w", encoding="ascii") as file:
        json.dump(marks, file)
    os.rename(f"{path}.new", path)


def enter_group(folder):
    with open(f"{folder}/cgroup.procs", "w", encoding="ascii") as file:
        file.write("0")


def enter_own_groups(groups):
    for group in groups:
        os.makedirs(f"{group}/console", exist_ok=True)
        enter_group(f"{group}/console")


def become_guest(groups, cpus):
    """In the child: the guest's groups, and no life without the supervisor, which holds its disk and console."""
    for group in groups:
        enter_group(group)
    # Programs count the processors that they may run on. More than the host has cannot be had.
    available = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, random.sample(available, min(cpus, len(available))))
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


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
    subprocess.run(["ip", "netns", "delete", os.path.basename(spec["namespace"])], check=False, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if os.path.exists(spec["running"]):
        os.unlink(spec["running"])


def main():
    spec = json.load(sys.stdin)
    own = mark(os.getpid())
    tell_running(spec["running"], supervisor=own)
    try:
        sys.exit(supervise(spec, own))
    finally:
        leave_host(spec)


def supervise(spec, own):
    """Boots the machine and serves its console until it has gone."""
    enter_own_groups(spec["groups"])
    root = assemble(spec)
    # nspawn keeps a folder there by the machine's name, which two labs may both have given.
    os.makedirs("/run/systemd", exist_ok=True)
    mount("-t", "tmpfs", "-o", "size=1m,mode=755", "nspawn", "/run/systemd")
    facts_folder = f"{spec['mounts']}/facts"
    os.makedirs(facts_folder, exist_ok=True)
    mount("-t", "tmpfs", "-o", "size=1m,mode=755", "facts", facts_folder)
    facts = Facts(facts_folder, spec["cpus"], spec["memory"], spec["groups"])
    console = Console(spec)
    disks = DataDisks(spec["disks"])
    # A captured disk names no machine; systemd makes the id of this one at its first boot.
    # When nspawn is killed its guest lives on; as the first process of a namespace it takes the guest along.
    command = [
        "unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
        "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--settings=no", "--boot",
        f"--directory={root}", f"--machine={spec['name']}", f"--hostname={spec['name']}",
        f"--network-namespace-path={spec['namespace']}", "--capability=CAP_NET_ADMIN", "--resolv-conf=off", "--timezone=off",
        "--link-journal=no", "--console=pipe", f"--bind={console.path}:/dev/tty1",
        f"--bind-ro={spec['mounts']}/disk/{DISK_FOLDER}:/run/host/root-disk",
    ]
    # Or /tmp would be a file system in memory, smaller than the disk and empty in a captured template.
    environment = {**os.environ, "SYSTEMD_NSPAWN_TMPFS_TMP": "0"}
    selector = selectors.DefaultSelector()
    selector.register(console.master, selectors.EVENT_READ)
    selector.register(console.server, selectors.EVENT_READ)
    while True:
        with open(spec["log"], "ab") as log:
            # The guest must not find itself in a session with the host's terminal.
            nspawn = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=environment,
                                      preexec_fn=lambda: become_guest(spec["groups"], spec["cpus"]))
        signal.signal(signal.SIGTERM, lambda *_, running=nspawn: running.kill())
        try:
            status = serve(spec, own, nspawn, console, facts, disks, selector)
        finally:
            nspawn.kill()
        if status != RESTARTS:
            return status


def serve(spec, own, nspawn, console, facts, disks, selector):
    """Until the guest has gone: its console, its numbers, and once the news that it runs. Returns nspawn's status."""
    ended = os.pidfd_open(nspawn.pid)
    selector.register(ended, selectors.EVENT_READ)
    told = False
    while True:
        ready = selector.select(timeout=MEMORY_SECONDS if told else 0.02)
        if told and not ready:
            facts.refresh()
        for key, _ in ready:
            if key.fd == ended:
                status = nspawn.wait()
                selector.unregister(ended)
                os.close(ended)
                return status
            if key.fd == console.master:
                try:
                    console.shown(os.read(console.master, 65536))
                except OSError:
                    pass
            elif key.fileobj is console.server:
                reader = console.join()
                if reader:
                    selector.register(reader, selectors.EVENT_READ)
            else:
                reader = key.fileobj
                try:
                    keys = reader.recv(4096)
                except OSError:
                    keys = b""
                if keys:
                    console.typed(keys)
                else:
                    selector.unregister(reader)
                    console.leave(reader)
        if not told:
            leader = leader_of(nspawn.pid)
            if leader:
                told = True
                facts.show(leader)
                disks.show(leader, again=True)
                signal.signal(signal.SIGHUP, lambda *_, guest=leader: disks.show(guest))
                tell_running(spec["running"], supervisor=own, leader=mark(leader))
                try:
                    print(leader, flush=True)
                    devnull = os.open(os.devnull, os.O_WRONLY)
                    os.dup2(devnull, 1)
                except OSError:
                    pass


if __name__ == "__main__":
    main()
