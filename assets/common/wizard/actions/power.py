"""Reboot or power off, after a question."""

import subprocess

import screen

ways = {"1": ("Reboot", "reboot"), "2": ("Power off", "poweroff")}


def power(terminal, definition):
    terminal.draw(screen.header(terminal, definition, "reboot or power off"))
    terminal.say("", "", *(f"[{key}] {title}" for key, (title, _) in ways.items()), "[b] Back")
    chosen = terminal.choice(ways)
    if chosen is None:
        return
    title, verb = ways[chosen]
    if not terminal.agreed(f"{title} now? Running migrations are interrupted."):
        return
    terminal.say("", f"{title} ...")
    done = subprocess.run(["systemctl", verb], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        terminal.say(done.stderr.strip() or f"systemctl {verb}: exit status {done.returncode}", paint=terminal.bad)
    terminal.any_key()
