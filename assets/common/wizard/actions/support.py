"""A bundle of logs and facts for those who help, secrets masked, and how to fetch it."""

import os
import subprocess

import facts
import screen

PROGRAM = "/usr/local/sbin/appliance-support"


def support(terminal, definition):
    terminal.draw(screen.header(terminal, definition, "support bundle"))
    terminal.say("", "", "A file with logs and facts of this appliance is made. Passwords and keys are masked in it.")
    if not os.path.exists(PROGRAM):
        terminal.say(f"{PROGRAM} is not on this machine.", paint=terminal.bad)
        return terminal.any_key()
    if not terminal.agreed("Make it now?"):
        return None
    terminal.say("", "Gathering; this may take a minute ...")
    done = subprocess.run([PROGRAM], capture_output=True, text=True, check=False)
    said = (done.stdout if done.returncode == 0 else done.stderr or done.stdout).strip().splitlines()
    for line in said[-8:]:
        terminal.say(screen.fitted(line, 74))
    if done.returncode == 0 and said:
        address = facts.network().address
        path = said[-1].split()[-1]
        if address and path.startswith("/"):
            terminal.say("", "Fetch it from your computer:")
            # Typed from the screen: never broken between words.
            terminal.write(f"  scp {definition['operator']}@{address}:{path} .\r\n")
    elif done.returncode != 0:
        terminal.say(f"It failed (exit status {done.returncode}).", paint=terminal.bad)
    return terminal.any_key()
