"""Data disks of a running machine: image files as block devices of the host, shown in the guest under a disk's usual names."""

import ctypes
import fcntl
import json
import os
import stat
import struct
import subprocess

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS = 0x20000
LOOP_SET_STATUS64, LOOP_GET_STATUS64 = 0x4C04, 0x4C05
STATUS_BYTES, FLAGS_AT, AUTOCLEAR = 232, 52, 4
# As disk_image.py writes it.
FIRST_PARTITION = 1024 * 1024


class DataDisks:
    """
    `path` names a file {"vdb": IMAGE, ...}: the disks that the machine shall have. What it has is told in `path`.shown.
    The block devices go when this process has gone and the guest no longer uses them.
    """

    def __init__(self, path):
        self.path = path
        self.devices = {}

    def show(self, leader, again=False):
        """Makes the guest whose init is `leader` see what the file says; `again` when it is a new guest."""
        wanted = {}
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as file:
                wanted = json.load(file)
        for name in [name for name in self.devices if name not in wanted]:
            in_guest(leader, lambda name=name: [os.unlink(node) for node in (f"/dev/{name}", f"/dev/{name}1")])
            for device in self.devices.pop(name):
                os.close(device)
        for name, image in wanted.items():
            fresh = name not in self.devices
            if fresh:
                self.devices[name] = [attach(image, 0), attach(image, FIRST_PARTITION)]
            if fresh or again:
                numbers = [os.fstat(device).st_rdev for device in self.devices[name]]
                in_guest(leader, lambda name=name, numbers=numbers: make_nodes(name, numbers))
        with open(f"{self.path}.new", "w", encoding="utf-8") as file:
            json.dump(wanted, file)
        os.rename(f"{self.path}.new", f"{self.path}.shown")


def attach(image, offset):
    """A block device that goes by itself when nobody has it open; given open."""
    asked = ["losetup", "--find", "--show", f"--offset={offset}", image]
    shown = subprocess.run(asked, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    device = os.open(shown.stdout.strip(), os.O_RDWR | os.O_CLOEXEC)
    status = bytearray(STATUS_BYTES)
    fcntl.ioctl(device, LOOP_GET_STATUS64, status)
    flags = struct.unpack_from("=I", status, FLAGS_AT)[0]
    struct.pack_into("=I", status, FLAGS_AT, flags | AUTOCLEAR)
    fcntl.ioctl(device, LOOP_SET_STATUS64, status)
    return device


def make_nodes(name, numbers):
    for node, number in zip((f"/dev/{name}", f"/dev/{name}1"), numbers):
        os.mknod(node, stat.S_IFBLK | 0o660, number)


def in_guest(leader, work):
    """In a child that has gone into the guest's mounts."""
    guest = os.open(f"/proc/{leader}/ns/mnt", os.O_RDONLY)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if LIBC.setns(guest, CLONE_NEWNS) == 0:
                work()
                status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    os.close(guest)
    if status != 0:
        raise RuntimeError("the guest's data disks cannot be shown to it")
