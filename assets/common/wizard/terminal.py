"""The console: what it can show, keys as they come, and lines that an operator types."""

import curses
import os
import select
import sys
import termios
import textwrap
import time

ESCAPE, BACKSPACE, ENTER = "\x1b", ("\x7f", "\b"), ("\r", "\n")
# Ctrl-C, Ctrl-D, Ctrl-Z and Ctrl-\ are keys like others here: the console cannot be left by them.
BACK_KEYS = (ESCAPE, "\x03", "\x04", "\x1a", "\x1c")
ROWS, COLUMNS = 24, 80
ESCAPE_SECONDS = 0.05


class Gone(Exception):
    """Nobody at the other end. systemd opens the console again."""


class Terminal:
    def __init__(self):
        self.colours, self.positions = abilities()
        self.saved = None
        if sys.stdin.isatty():
            self.saved = termios.tcgetattr(sys.stdin)
            raw = termios.tcgetattr(sys.stdin)
            raw[0] &= ~(termios.IXON | termios.ICRNL)
            raw[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
            termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, raw)

    def restore(self):
        if self.saved is not None:
            termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, self.saved)

    # Words in colour; plain where the terminal has none.

    def styled(self, code, text):
        return f"\x1b[{code}m{text}\x1b[0m" if self.colours else text

    def bold(self, text):
        return self.styled("1", text)

    def brand(self, text):
        return self.styled("1;36", text)

    def good(self, text):
        return self.styled("32", text)

    def warning(self, text):
        return self.styled("33", text)

    def bad(self, text):
        return self.styled("31", text)

    def write(self, text):
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError as error:
            raise Gone from error

    def clear(self):
        self.write("\x1b[H\x1b[2J" if self.positions else "\n\n")

    def draw(self, lines):
        """Over what stands there, so that nothing flickers."""
        shown = lines[: self.rows]
        if self.positions:
            self.write("\x1b[H" + "\x1b[K\r\n".join(shown) + "\x1b[K\x1b[J")
        else:
            self.write("\n\n" + "\n".join(shown))

    @property
    def rows(self):
        try:
            return max(os.get_terminal_size(sys.stdout.fileno()).lines, 10)
        except OSError:
            return ROWS

    # Keys.

    def key(self, seconds=None):
        """One key, or None when the time is over. Keys with names of several bytes (arrows) are passed over."""
        read = self.byte(seconds)
        if read != ESCAPE:
            return read
        if self.byte(ESCAPE_SECONDS) is None:
            return ESCAPE
        while self.byte(ESCAPE_SECONDS) is not None:
            pass
        return None

    def byte(self, seconds):
        try:
            ready, _, _ = select.select([sys.stdin], [], [], seconds)
            if not ready:
                return None
            read = os.read(sys.stdin.fileno(), 1)
        except OSError as error:
            raise Gone from error
        if not read:
            raise Gone
        return read.decode("latin-1")

    def any_key(self, seconds=120):
        self.write("\r\n  Press any key to go back. ")
        self.key(seconds)

    def choice(self, keys, seconds=120):
        """One of these keys; None for back, or when nobody types."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            key = self.key(left)
            if key is None:
                continue
            if key in BACK_KEYS or key in ENTER or key.lower() == "b":
                return None
            if key.lower() in keys:
                return key.lower()
        return None

    def line(self, question, shown="", seconds=300):
        """A typed line; Enter alone takes what is shown in brackets. None for back, or when nobody types."""
        self.write(f"  {question}{f' [{shown}]' if shown else ''}: ")
        typed = ""
        while True:
            key = self.key(seconds)
            if key is None or key in BACK_KEYS:
                self.write("\r\n")
                return None
            if key in ENTER:
                self.write("\r\n")
                return typed.strip() or shown
            if key in BACKSPACE:
                if typed:
                    typed = typed[:-1]
                    self.write("\b \b")
            elif key.isprintable() and len(typed) < 60:
                typed += key
                self.write(key)

    def agreed(self, question, seconds=60):
        """Whether y is pressed; anything else, and silence, is no."""
        self.write(f"\r\n  {question} {self.bold('y')} for yes: ")
        key = self.key(seconds)
        self.write("\r\n")
        return key in ("y", "Y")

    def say(self, *lines, paint=str):
        """Lines one below the other; long ones are broken between words, so that none is cut in the middle of one."""
        for line in lines:
            for piece in textwrap.wrap(line, COLUMNS - 4, subsequent_indent="  ") or [""]:
                self.write(f"  {paint(piece)}\r\n")


def abilities():
    """Whether the terminal has colours, and whether its cursor can be placed."""
    if not os.environ.get("TERM") or not sys.stdout.isatty():
        return False, False
    try:
        curses.setupterm()
    except curses.error:
        return False, False
    colours = curses.tigetnum("colors") >= 8 and not os.environ.get("NO_COLOR")
    return colours, bool(curses.tigetstr("clear"))
