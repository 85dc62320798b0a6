"""
When each service of an appliance did its work after this boot. Started early in the boot, it asks every gate until it
holds. Standard input: {"units": [{"name", "gate"}, ...]}; standard output: {"units": {NAME: {"began", "ready"}}}, in
seconds since the first process of the system.
"""

import json
import subprocess
import sys
import time

sys.path.insert(0, "/usr/local/lib/ossea/probe")
sys.dont_write_bytecode = True
import probe  # noqa: E402  the appliance's own

LONGEST_SECONDS = 180


def began(unit):
    """Of this boot; 0 while systemd has not come to it."""
    shown = subprocess.run(
        ["systemctl", "show", unit, "--property=InactiveExitTimestampMonotonic", "--value"],
        capture_output=True, text=True, check=True,
    )
    return int(shown.stdout.strip() or 0) / 1e6


def boot_began():
    shown = subprocess.run(
        ["systemctl", "show", "--property=UserspaceTimestampMonotonic", "--value"], capture_output=True, text=True, check=True
    )
    return int(shown.stdout.strip()) / 1e6


def main():
    units = json.load(sys.stdin)["units"]
    ready = {}
    deadline = time.monotonic() + LONGEST_SECONDS
    while len(ready) < len(units):
        for unit in units:
            if unit["name"] not in ready and probe.look_at_gate(unit["gate"], probe.unit_state(unit["name"]))[0]:
                ready[unit["name"]] = time.monotonic()
        if time.monotonic() > deadline:
            missing = [unit["name"] for unit in units if unit["name"] not in ready]
            sys.exit(f"not ready within {LONGEST_SECONDS} s: {', '.join(missing)}")
        time.sleep(0.01)
    first = boot_began()
    print(json.dumps({"units": {name: {"began": began(name) - first, "ready": at - first} for name, at in ready.items()}}))


main()
