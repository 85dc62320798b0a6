#!/usr/bin/env python3
"""Keeps one machine of the lab that has hardware, firmware and a kernel of its own: runs QEMU, and goes when it has gone.

Runs in a mount namespace of its own. It outlives the lab's process. Standard input is one JSON object:
  name         of the machine
  disk         raw image of its disk
  cpus         how many processors it has
  memory       MiB
  groups       folders of its control groups; the supervisor stays in a group of its own in each
  cards        its network cards: mac, and where the cable goes: namespace (a path), bridge, port (the name of its end)
  accelerator  "kvm" or "tcg"
  disks        file that names its data disks, {"vdb": IMAGE, ...}, which it starts with
  monitor      path of the UNIX socket for QEMU's machine protocol
  running      file that tells the processes and the times of their starts while they run
  console      path of the UNIX socket of tty1
  screen       file that keeps the last of what the terminal of tty1 got
  log          file for what the serial port and QEMU say
One line is written to standard output when the machine is switched on: QEMU's process id. The exit status is QEMU's.
"""

import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess

from console import Console
from supervision import LIBC, Log, become_machine, keep, mark, serve, tell_caller, tell_running

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
# Of translated code; by default QEMU takes up to 1 GiB.
TCG_MIB = 256


def plug(card):
    """A cable from the network's bridge to the descriptor that is returned; it is gone when that is closed."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    router = os.open(card["namespace"], os.O_RDONLY)
    enter_network(router)
    try:
        tap = os.open("/dev/net/tun", os.O_RDWR)
        request = struct.pack("16sH22x", card["port"].encode(), IFF_TAP | IFF_NO_PI | IFF_VNET_HDR)
        fcntl.ioctl(tap, TUNSETIFF, request)
        port = card["port"]
        run("ip", "link", "set", port, "master", card["bridge"], "up")
        # What is sent to this card goes to this port, whatever another guest says its own address is.
        run("bridge", "link", "set", "dev", port, "learning", "off")
        run("bridge", "fdb", "replace", card["mac"], "dev", port, "master", "static")
    finally:
        enter_network(own)
        os.close(router)
        os.close(own)
    return tap


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def enter_network(namespace):
    if LIBC.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def become_qemu(groups):
    become_machine(groups)
    # It has the descriptors that it needs: nothing of the host's networks.
    if LIBC.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


def command_line(spec, taps, log, monitor):
    accelerated = {"kvm": ["-accel", "kvm", "-cpu", "host"], "tcg": ["-accel", f"tcg,tb-size={TCG_MIB}", "-cpu", "max"]}
    words = [
        "qemu-system-x86_64", "-name", spec["name"], "-nodefaults", "-no-user-config", "-machine", "pc",
        *accelerated[spec["accelerator"]], "-smp", str(spec["cpus"]), "-m", str(spec["memory"]),
        # It starts no program and takes no further rights, whatever its guest makes of it.
        "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        # Zeros that the guest writes, and what it deletes, take no room on the host.
        "-drive", f"if=none,id=disk,file={spec['disk'].replace(',', ',,')},format=raw,discard=unmap,detect-zeroes=unmap",
        "-device", "virtio-blk-pci,drive=disk,bootindex=0", "-device", "virtio-rng-pci",
        # A kernel that panics says so, and the machine goes off.
        "-device", "pvpanic-pci", "-action", "panic=shutdown",
        "-vga", "std", "-display", "curses",
        "-chardev", f"file,id=serial,path=/dev/fd/{log}", "-serial", "chardev:serial",
        "-chardev", f"socket,id=monitor,fd={monitor},server=on,wait=off", "-mon", "chardev=monitor,mode=control",
    ]
    for number, (card, tap) in enumerate(zip(spec["cards"], taps)):
        words += ["-netdev", f"tap,id=net{number},fd={tap}"]
        words += ["-device", f"virtio-net-pci,netdev=net{number},mac={card['mac']},romfile="]
    # Behind the cards, whose names in the guest follow from their places.
    for image in data_disks(spec["disks"]):
        # As in lab/machines/qemu/data-disks.ts, which takes over while the machine runs.
        name = f"volume-{os.path.basename(image)[:23]}"
        file = {"driver": "file", "filename": image}
        words += ["-blockdev", json.dumps({"driver": "raw", "node-name": name, "discard": "unmap", "file": file})]
        words += ["-device", f"virtio-blk-pci,id={name},drive={name}"]
    return words


def data_disks(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [image for _, image in sorted(json.load(file).items())]


def listening(path):
    """The monitor's socket: made here, so that a connection waits for QEMU, and can be had as soon as this returns."""
    os.chdir(os.path.dirname(path))
    name = os.path.basename(path)
    if os.path.exists(name):
        os.unlink(name)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(name)
    os.chmod(name, 0o600)
    server.listen()
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(name)
    client.setblocking(False)
    return server, client


def supervise(spec):
    log = Log(spec["log"])
    taps = [plug(card) for card in spec["cards"]]
    server, client = listening(spec["monitor"])
    qemu = None
    # QEMU draws the whole screen again when its terminal changes.
    console = Console(spec["console"], spec["screen"], lambda: qemu and qemu.send_signal(signal.SIGWINCH))
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    qemu = subprocess.Popen(command_line(spec, taps, log.writing, server.fileno()), stdin=console.slave, stdout=console.slave,
                            stderr=log.writing, pass_fds=[*taps, log.writing, server.fileno()], start_new_session=True,
                            env=environment, preexec_fn=lambda: become_qemu(spec["groups"]))
    for tap in taps:
        os.close(tap)
    server.close()
    signal.signal(signal.SIGTERM, lambda *_: qemu.kill())

    def started():
        """QEMU greets whoever is at its monitor as soon as the machine is there."""
        try:
            if not client.recv(65536):
                return True
        except BlockingIOError:
            return False
        client.close()
        tell_running(spec["running"], supervisor=mark(os.getpid()), leader=mark(qemu.pid))
        tell_caller(qemu.pid)
        return True

    try:
        return serve(qemu, console, log, started)
    finally:
        qemu.kill()


if __name__ == "__main__":
    keep(supervise)
