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

import os
import random
import signal
import subprocess
import sys

from console import Console
from data_disks import DataDisks
from facts import Facts
from mounts import mount, mount_image, mount_layers
from supervision import Log, become_machine, keep, mark, serve, tell_caller, tell_running

# An empty folder of the disk that the guest sees at /run/host/root-disk. An overlay cannot be trimmed, this can: it is
# the guest's own business to give back what it has deleted, as it is on a disk.
DISK_FOLDER = "disk"
MEMORY_SECONDS = 5
# What the names of the guest's network cards begin with.
CARD = "eth"
# Of nspawn with --keep-unit: the guest wants to be started again.
REBOOT = 133


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


def become_guest(groups, cpus):
    become_machine(groups)
    # Programs count the processors that they may run on. More than the host has cannot be had.
    available = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, random.sample(available, min(cpus, len(available))))


def supervise(spec):
    """Boots the machine and serves its console until it has gone."""
    root = assemble(spec)
    # nspawn keeps a folder there by the machine's name, which two labs may both have given.
    os.makedirs("/run/systemd", exist_ok=True)
    mount("-t", "tmpfs", "-o", "size=1m,mode=755", "nspawn", "/run/systemd")
    facts_folder = f"{spec['mounts']}/facts"
    os.makedirs(facts_folder, exist_ok=True)
    mount("-t", "tmpfs", "-o", "size=1m,mode=755", "facts", facts_folder)
    machine = Machine(spec, root, Facts(facts_folder, spec["cpus"], spec["memory"], spec["groups"]))
    signal.signal(signal.SIGTERM, lambda *_: machine.pull_plug())
    signal.signal(signal.SIGHUP, lambda *_: machine.show_disks())
    try:
        status = machine.run()
        while status == REBOOT and not machine.unplugged:
            renew_network(spec["namespace"])
            status = machine.run()
        return status
    finally:
        machine.pull_plug()


class Machine:
    def __init__(self, spec, root, facts):
        self.spec, self.facts = spec, facts
        self.console = Console(spec["console"], spec["screen"])
        self.log = Log(spec["log"])
        self.disks = DataDisks(spec["disks"])
        self.nspawn = None
        self.leader = None
        self.unplugged = False
        # A captured disk names no machine; systemd makes the id of this one at its first boot.
        # When nspawn is killed its guest lives on; as the first process of a namespace it takes the guest along.
        self.command = [
            "unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
            "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--settings=no", "--boot",
            f"--directory={root}", f"--machine={spec['name']}", f"--hostname={spec['name']}",
            f"--network-namespace-path={spec['namespace']}", "--capability=CAP_NET_ADMIN", "--resolv-conf=off",
            "--timezone=off", "--link-journal=no", "--console=pipe", f"--bind={self.console.terminal}:/dev/tty1",
            f"--bind-ro={spec['mounts']}/disk/{DISK_FOLDER}:/run/host/root-disk",
        ]
        # Or /tmp would be a file system in memory, smaller than the disk and empty in a captured template.
        self.environment = {**os.environ, "SYSTEMD_NSPAWN_TMPFS_TMP": "0"}

    def run(self):
        """From boot to the end; returns nspawn's status."""
        # The guest must not find itself in a session with the host's terminal.
        self.nspawn = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=self.log.writing,
                                       stderr=self.log.writing, start_new_session=True, env=self.environment,
                                       preexec_fn=lambda: become_guest(self.spec["groups"], self.spec["cpus"]))
        if self.unplugged:
            self.nspawn.kill()
        try:
            return serve(self.nspawn, self.console, self.log, self.started, self.facts.refresh, MEMORY_SECONDS)
        finally:
            self.leader = None

    def started(self):
        leader = leader_of(self.nspawn.pid)
        if not leader:
            return False
        self.facts.show(leader)
        # One that asks for them meanwhile waits.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
        self.disks.show(leader, again=True)
        self.leader = leader
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGHUP])
        tell_running(self.spec["running"], supervisor=mark(os.getpid()), leader=mark(leader))
        tell_caller(leader)
        return True

    def show_disks(self):
        """A guest that only begins to run gets them then."""
        if not self.leader:
            return
        try:
            self.disks.show(self.leader)
        except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
            # The caller hears nothing and says so; the machine is none the worse.
            print(f"data disks: {error}", file=sys.stderr)

    def pull_plug(self):
        self.unplugged = True
        if self.nspawn:
            self.nspawn.kill()


def renew_network(namespace):
    """A machine that starts again finds its network card as new: the guest's own addresses, links and rules are gone."""
    def inside(*command):
        return subprocess.run(["nsenter", f"--net={namespace}", *command], check=False, stdin=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout

    for line in inside("ip", "-o", "link").splitlines():
        name = line.split(":")[1].strip().split("@")[0]
        if name.startswith(CARD):
            inside("ip", "link", "set", name, "down")
            inside("ip", "address", "flush", "dev", name)
        elif name != "lo":
            inside("ip", "link", "delete", name)
    inside("nft", "flush", "ruleset")


if __name__ == "__main__":
    keep(supervise)
