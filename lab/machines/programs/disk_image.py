#!/usr/bin/env python3
"""Turns layers into a disk, and a disk image as clouds exchange them into a layer.

Runs in a mount namespace of its own. Standard input is one JSON object:
  act      "pack", "disk" or "unpack"
  scratch  empty folder for mounts and what is in the making; a file that is done is moved out of it
  target   path of the file that is made, on the same file system
pack (a qcow2 image) and disk (of a machine, raw):
  layers   folders or image files, the base last
  size     bytes of the disk
  format   of a packed image: raw or qcow2
  kernel   of a disk: path for a copy of the kernel that it starts, or null
unpack:
  image    path of the disk image
  format   qcow2 or raw
Standard output of unpack is one JSON object: size (bytes of the disk) and system (ID of its os-release, or null). A
reason for people is the last line on standard error.
"""

import json
import os
import re
import shutil
import subprocess
import sys

from mounts import mount, mount_layers
from remnants import carry_over

MIB = 1024 * 1024
SECTOR, BOOT_CODE = 512, 440
START = MIB
LARGE = 32 * 1024 * MIB
KERNELS = ["/vmlinuz", "/boot/vmlinuz"]
LARGEST_BOOT_FILE = 64 * MIB
LINUX_TYPES = ("83", "8300", "0FC63DAF-8483-4772-8E79-3D69D8477DE4", "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709")


class Refused(Exception):
    """The image is not one that machines can be made of."""


def run(*command, text=None):
    return subprocess.run(command, check=True, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


def pack(spec):
    seen = mount_root(spec)
    made = "disk.raw"
    make_disk(made, spec["size"], seen, boot_files())
    if spec["format"] == "qcow2":
        run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", made, "disk.qcow2")
        made = "disk.qcow2"
    os.rename(made, spec["target"])


def disk(spec):
    seen = mount_root(spec)
    boot = boot_files()
    if not boot:
        raise Refused("its root disk holds no kernel and boot loader")
    make_disk("disk.raw", spec["size"], seen, boot)
    if spec["kernel"]:
        with open(spec["kernel"], "wb") as file:
            file.write(read_inside(KERNELS))
    os.rename("disk.raw", spec["target"])


def mount_root(spec):
    """Returns the layers of image files that show."""
    scratch = spec["scratch"]
    os.chdir(scratch)
    names = mount_layers(spec["layers"], scratch)
    os.makedirs("root")
    if len(names) == 1:
        mount("--bind", names[0], "root")
        mount("-o", "remount,bind,ro,nodev", "root")
    else:
        mount("-t", "overlay", "overlay", "-o", f"ro,nodev,lowerdir={':'.join(names)}", "root")
    return [layer for index, layer in enumerate(spec["layers"]) if os.path.ismount(f"layer{index}")]


def boot_files():
    """What GRUB wants before the first partition, as lab/images/boot-loader.ts left it; None for a root of containers."""
    code, core = (read_inside([f"/boot/grub/i386-pc/{name}.img"]) for name in ("boot", "core"))
    return (code[:BOOT_CODE], core) if code and core and read_inside(KERNELS) else None


def read_inside(paths):
    """
    The first of these files of the root, or nothing. Links are the guest's own: they are followed inside its root and
    never lead to a file of the host.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            os.chroot("root")
            path = next(path for path in paths if os.path.isfile(path) and os.path.getsize(path) <= LARGEST_BOOT_FILE)
            with open(path, "rb") as file, open(writing, "wb") as pipe:
                shutil.copyfileobj(file, pipe)
        except (OSError, StopIteration):
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        content = pipe.read()
    os.waitpid(child, 0)
    return content


def make_disk(raw, size, layers, boot):
    """One partition, with the root in it, which the layers were put together to."""
    with open(raw, "wb") as file:
        file.truncate(size)
    run("sfdisk", "--quiet", raw, text=f"label: dos\nstart={START // SECTOR}, type=83, bootable\n")
    blocks = (size - START) // 1024
    # On a large disk the default would be gigabytes of tables for files that nobody has.
    inodes = ["-i", "65536"] if size > LARGE else []
    run("mkfs.ext4", "-q", "-F", "-m", "0", *inodes, "-L", "root", "-d", "root", "-E", f"offset={START},nodiscard", raw, f"{blocks}k")
    # As on a disk, what was deleted and not trimmed can still be found.
    carry_over(layers, raw, START)
    if boot:
        code, core = boot
        if SECTOR + len(core) > START:
            raise Refused("its boot loader does not fit before the first partition")
        with open(raw, "r+b") as file:
            # The partition table is in the same sector, behind the code.
            file.write(code)
            file.seek(SECTOR)
            file.write(core)


def unpack(spec):
    scratch = spec["scratch"]
    os.chdir(scratch)
    image, form = spec["image"], spec["format"]
    facts = json.loads(run("qemu-img", "info", "--output=json", "-f", form, image))
    # Such an image would pull files of the host into the guest.
    if "backing-filename" in facts or "data-file" in (facts.get("format-specific") or {}).get("data", {}):
        raise Refused("it refers to another file")
    size = facts["virtual-size"]
    start, length = root_partition(image, form, size)
    layer = "layer"
    copy_part(image, form, start, length, layer)
    kind = subprocess.run(["blkid", "-p", "-o", "value", "-s", "TYPE", layer], capture_output=True, text=True, check=False)
    if not kind.stdout.startswith("ext"):
        raise Refused("its root file system is not ext4, the one that this lab boots")
    # 1: what was wrong with it has been mended.
    check = subprocess.run(["fsck.ext4", "-f", "-p", layer], capture_output=True, text=True, check=False)
    if check.returncode > 1:
        raise Refused("its root file system is damaged")
    release = run("debugfs", "-R", "cat /etc/os-release", layer) or run("debugfs", "-R", "cat /usr/lib/os-release", layer)
    system = re.search(r'^ID="?([a-z0-9._-]+)"?$', release, re.MULTILINE)
    if not system:
        raise Refused("there is no operating system in its root file system")
    os.rename(layer, spec["target"])
    print(json.dumps({"size": size, "system": system[1]}))


def root_partition(image, form, size):
    """Start and length in bytes: the largest of Linux, or the whole disk where there is no partition table."""
    head = "head"
    copy_part(image, form, 0, min(MIB, size), head)
    os.truncate(head, size)
    try:
        table = json.loads(run("sfdisk", "--json", head))["partitiontable"]
    except subprocess.CalledProcessError:
        return 0, size
    sector = table.get("sectorsize", 512)
    candidates = [each for each in table.get("partitions", []) if each["type"].upper() in LINUX_TYPES]
    if not candidates:
        raise Refused("it has no Linux partition")
    largest = max(candidates, key=lambda each: each["size"])
    return largest["start"] * sector, largest["size"] * sector


def copy_part(image, form, start, length, target):
    """A part of the disk as a sparse file; what is not written in the image is not read."""
    disk = {"driver": form, "file": {"driver": "file", "filename": image}}
    part = {"driver": "raw", "offset": start, "size": length, "file": disk}
    run("qemu-img", "convert", "-O", "raw", "json:" + json.dumps(part), target)


def main():
    spec = json.load(sys.stdin)
    try:
        {"pack": pack, "disk": disk, "unpack": unpack}[spec["act"]](spec)
    except Refused as reason:
        sys.exit(str(reason))
    except subprocess.CalledProcessError as failure:
        words = (failure.stderr or "").strip().splitlines()
        sys.exit(f"{failure.cmd[0]}: {words[-1] if words else failure}")


if __name__ == "__main__":
    main()
