"""
The system's own login. This program becomes it, so that nothing of ours stands between; when it ends, systemd shows
the console again.
"""

import os

import facts
import screen

SECONDS_FOR_A_NAME = "60"


def login(terminal, definition):
    operator = definition["operator"]
    terminal.draw(screen.header(terminal, definition, "log in"))
    terminal.say("", "")
    if not has_password(operator):
        address = facts.network().address
        terminal.say(
            f"{operator} logs in with a key and has no password, so nobody can log in here yet.",
            "Give it one over SSH first:",
            "",
            f"  ssh {operator}@{address or 'ADDRESS'} sudo passwd {operator}",
        )
        return terminal.any_key()
    terminal.say("The login of the operating system follows. It ends here again after one minute without a name.")
    if not terminal.agreed("Go on?"):
        return None
    terminal.clear()
    terminal.restore()
    os.execv("/sbin/agetty", ["agetty", "--noclear", "--timeout", SECONDS_FOR_A_NAME, "-", os.environ.get("TERM", "linux")])


def has_password(user):
    words = facts.output_of("passwd", "--status", user).split()
    return len(words) > 1 and words[1] == "P"
