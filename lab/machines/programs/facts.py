"""The machine's processors and memory where its programs look for them: files of /proc and /sys that would else show the host's."""

import ctypes
import os
import re

LIBC = ctypes.CDLL(None, use_errno=True)
SYS_OPEN_TREE, SYS_MOVE_MOUNT = 428, 429
OPEN_TREE_CLONE, MOVE_MOUNT_F_EMPTY_PATH, AT_FDCWD = 1, 4, -100
CLONE_NEWNS = 0x20000


class Facts:
    """Written into a folder of the supervisor's own mount namespace, and laid over the guest's files."""

    def __init__(self, folder, cpus, memory_mib, groups):
        self.folder = folder
        self.total_kib = memory_mib * 1024
        self.usage = first_file(groups, ("memory.usage_in_bytes", "memory.current"))
        self.statistics = first_file(groups, ("memory.stat",))
        online = f"0-{cpus - 1}\n" if cpus > 1 else "0\n"
        self.targets = {
            "meminfo": ["/proc/meminfo"],
            "cpuinfo": ["/proc/cpuinfo"],
            "cpus": [f"/sys/devices/system/cpu/{name}" for name in ("online", "possible", "present")],
        }
        self.write("cpus", online)
        self.write("cpuinfo", processors(read("/proc/cpuinfo"), cpus))
        self.refresh()

    def write(self, name, text):
        # In place: the guest has this very file.
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
            file.write(text)

    def refresh(self):
        """Free memory changes while the machine runs."""
        used = int(read(self.usage)) // 1024 if self.usage else 0
        cached = page_cache(read(self.statistics)) // 1024 if self.statistics else 0
        self.write("meminfo", memory(read("/proc/meminfo"), self.total_kib, used, cached))

    def show(self, leader):
        """Lays the files over those of the guest whose init is `leader`."""
        trees = [(call(SYS_OPEN_TREE, AT_FDCWD, os.fsencode(os.path.join(self.folder, name)), OPEN_TREE_CLONE), target)
                 for name, targets in self.targets.items() for target in targets]
        guest = os.open(f"/proc/{leader}/ns/mnt", os.O_RDONLY)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                if LIBC.setns(guest, CLONE_NEWNS) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
                for tree, target in trees:
                    call(SYS_MOVE_MOUNT, tree, b"", AT_FDCWD, os.fsencode(target), MOVE_MOUNT_F_EMPTY_PATH)
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        for tree, _ in trees:
            os.close(tree)
        os.close(guest)
        if status != 0:
            raise RuntimeError("the offering's processors and memory cannot be shown to the guest")


def call(number, *arguments):
    result = LIBC.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number} {arguments}")
    return result


def read(path):
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read()


def processors(host, count):
    """The host's first processor, `count` times."""
    first = host.split("\n\n")[0]
    numbered = {"processor": None, "core id": None, "apicid": None, "initial apicid": None}
    blocks = []
    for number in range(count):
        lines = []
        for line in first.split("\n"):
            name = line.split(":")[0].strip()
            if name in numbered:
                line = re.sub(r":.*", f": {number}", line)
            elif name in ("siblings", "cpu cores"):
                line = re.sub(r":.*", f": {count}", line)
            lines.append(line)
        blocks.append("\n".join(lines) + "\n\n")
    return "".join(blocks)


def first_file(folders, names):
    paths = (os.path.join(folder, name) for folder in folders for name in names)
    return next((path for path in paths if os.path.exists(path)), None)


def page_cache(statistics):
    """Bytes of it; version 1 of control groups counts those below it in names with "total_"."""
    values = dict(line.split() for line in statistics.splitlines())
    return int(values.get("total_cache") or values.get("file") or 0)


def memory(host, total, used, cached):
    """The host's list with the machine's own numbers; what only the host can know is nothing."""
    free = max(total - used, 0)
    values = {"MemTotal": total, "MemFree": free, "MemAvailable": min(free + cached, total), "Cached": cached}
    lines = []
    for line in host.splitlines():
        name, _, rest = line.partition(":")
        unit = " kB" if rest.rstrip().endswith("kB") else ""
        value = values.get(name, 0)
        if name in ("VmallocTotal", "Hugepagesize"):
            lines.append(line)
        else:
            lines.append(f"{name + ':':<16}{value:>8}{unit}")
    return "\n".join(lines) + "\n"
