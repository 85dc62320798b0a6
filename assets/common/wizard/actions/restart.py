"""Restarts every service in its order, each one shown to work before the next, with its result."""

import subprocess
import time

import health
import screen

READY_SECONDS = 60
LOOK_SECONDS = 0.5


def restart(terminal, definition):
    terminal.draw(screen.header(terminal, definition, "restart services"))
    terminal.say("", "", "All services are restarted in their order. What they are doing now is interrupted.")
    if not terminal.agreed("Restart them?"):
        return
    terminal.say("")
    for service in definition["services"]:
        terminal.write(f"  {service['unit']:<30}")
        began = time.monotonic()
        found = restarted(service)
        terminal.say(f"{screen.state_word(terminal, found)} after {time.monotonic() - began:.1f} s")
        if found.reason:
            terminal.say(f"    {screen.fitted(found.reason, 72)}")
    terminal.any_key()


def restarted(service):
    """How the service is once it works, has failed, or its time is over."""
    began = time.monotonic()
    done = subprocess.run(["systemctl", "restart", service["unit"]], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        return health.Health("failed", said[0] if said else "")
    while True:
        found = health.all_health([service])[service["title"]]
        if found.working or found.state == "failed" or time.monotonic() - began > READY_SECONDS:
            return found
        time.sleep(LOOK_SECONDS)
