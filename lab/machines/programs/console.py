"""A machine's tty1 on the host: one terminal, and a UNIX socket for any number of readers, who may also type."""

import fcntl
import os
import selectors
import socket
import struct
import sys
import termios
import tty

KEPT_BYTES = 64 * 1024
ROWS, COLUMNS = 25, 80


class Console:
    def __init__(self, path, screen, joined=None):
        """
        path    of the socket
        screen  file that keeps the last of what was shown
        joined  what makes the whole screen be shown again to a new reader; without it the reader gets what was kept
        """
        self.master, self.slave = os.openpty()
        tty.setraw(self.master)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.terminal = os.ttyname(self.slave)
        self.screen = screen
        self.joined = joined
        self.kept = b""
        self.readers = set()
        self.selector = None
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # The folder may be deep: a socket's path is limited, a relative one in the right folder is short.
        os.chdir(os.path.dirname(path))
        name = os.path.basename(path)
        if os.path.exists(name):
            os.unlink(name)
        self.server.bind(name)
        os.chmod(name, 0o600)
        self.server.listen()
        os.set_blocking(self.master, False)

    def serve(self, selector):
        """From now on, with the caller's loop: each registered file comes with what is to be done when it is ready."""
        self.selector = selector
        selector.register(self.master, selectors.EVENT_READ, self.show)
        selector.register(self.server, selectors.EVENT_READ, self.join)
        for reader in self.readers:
            self.watch(reader)

    def show(self):
        try:
            text = os.read(self.master, 65536)
        except OSError:
            return
        self.kept = (self.kept + text)[-KEPT_BYTES:]
        try:
            with open(self.screen, "wb") as file:
                file.write(self.kept)
        except OSError as error:
            # A full disk of the host is no reason to end a machine.
            print(f"{self.screen}: {error}", file=sys.stderr)
        for reader in list(self.readers):
            self.tell(reader, text)

    def tell(self, reader, text):
        try:
            reader.send(text)
        except BlockingIOError:
            # Nobody waits for a slow reader.
            pass
        except OSError:
            self.leave(reader)

    def join(self):
        reader, _ = self.server.accept()
        reader.setblocking(False)
        self.readers.add(reader)
        self.watch(reader)
        if self.joined:
            self.joined()
        else:
            self.tell(reader, self.kept)

    def watch(self, reader):
        self.selector.register(reader, selectors.EVENT_READ, lambda: self.hear(reader))

    def hear(self, reader):
        # It may have left while its keys were waiting.
        if reader not in self.readers:
            return
        try:
            keys = reader.recv(4096)
        except OSError:
            keys = b""
        if not keys:
            self.leave(reader)
            return
        try:
            os.write(self.master, keys)
        except BlockingIOError:
            # Nothing in the guest reads its keyboard and the terminal's buffer is full: as on a real one, keys are lost.
            pass

    def leave(self, reader):
        self.readers.discard(reader)
        # Or the selector would take the next reader, which may get the same number, for one that it knows.
        self.selector.unregister(reader)
        reader.close()
