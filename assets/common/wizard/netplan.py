"""
The machine's one netplan file, and a trial of another one that ends by itself.

A trial stands in /run under the same name, where netplan lets it take the place of the file in /etc. So a power cut,
a hang-up or an operator who locked himself out all end the same way: with the settings that worked before. A timer of
systemd's, not this program, takes the trial back.
"""

import os
import subprocess
import sys
import tempfile

import yaml

from network_settings import as_netplan, of_netplan

KEPT = "/etc/netplan/01-netcfg.yaml"
TRIAL = "/run/netplan/01-netcfg.yaml"
TIMER = "ossea-network-revert"
APPLY_SECONDS = 60
# The file may one day hold secrets, and netplan warns about another mode.
MODE = 0o600
HEADER = "# Written by the setup wizard on the console.\n"


class Refused(Exception):
    """What netplan or systemd said against new settings."""


def current():
    """The settings that count now; None when there is no file, or one that somebody wrote otherwise."""
    for path in (TRIAL, KEPT):
        try:
            with open(path, encoding="utf8") as file:
                return of_netplan(yaml.safe_load(file))
        except FileNotFoundError:
            continue
        except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError):
            return None
    return None


def foreign_files():
    """Other netplan files, which could say something else of the same interface."""
    try:
        return sorted(
            name for name in os.listdir("/etc/netplan") if name.endswith(".yaml") and name != os.path.basename(KEPT)
        )
    except FileNotFoundError:
        return []


def begin(settings, seconds):
    """Puts settings on trial for so many seconds. Raises Refused, and then everything is as it was."""
    write(TRIAL, settings)
    try:
        arm(seconds)
        apply()
    except Refused:
        revert()
        raise


def arm(seconds):
    disarm()
    run(
        "systemd-run",
        "--quiet",
        f"--unit={TIMER}",
        f"--on-active={seconds}s",
        "--timer-property=AccuracySec=1s",
        "--property=Type=oneshot",
        sys.executable,
        "-I",
        os.path.dirname(os.path.abspath(__file__)),
        "--revert-network",
    )


def disarm():
    for unit in (f"{TIMER}.timer", f"{TIMER}.service"):
        subprocess.run(["systemctl", "stop", unit], capture_output=True, check=False)
        subprocess.run(["systemctl", "reset-failed", unit], capture_output=True, check=False)


def keep(settings):
    """The trial becomes what the machine starts with."""
    disarm()
    if not os.path.exists(TRIAL):
        raise Refused("the time to keep them was over, and the former settings were put back")
    write(KEPT, settings)
    os.unlink(TRIAL)
    run("netplan", "generate")


def revert():
    """Back to what /etc says. Nothing on trial is fine."""
    try:
        os.unlink(TRIAL)
    except FileNotFoundError:
        return
    apply()


def apply():
    # netplan's own "apply" also asks udev to look at every device again, which a container forbids, and leaves an
    # address of a former lease beside the new one. These are the parts of it that networkd needs.
    run("netplan", "generate")
    run("networkctl", "reload")
    run("networkctl", "reconfigure", *ethernet_interfaces())


def ethernet_interfaces():
    """Names of those that a netplan file of ours matches."""
    return sorted(name for name in os.listdir("/sys/class/net") if name.startswith("e"))


def write(path, settings):
    """Whole or not at all: a power cut must not leave half a file."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o755, exist_ok=True)
    handle, new = tempfile.mkstemp(dir=folder, prefix=".01-netcfg.")
    with os.fdopen(handle, "w", encoding="utf8") as file:
        os.fchmod(file.fileno(), MODE)
        file.write(HEADER + yaml.safe_dump(as_netplan(settings), sort_keys=False))
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


def run(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=APPLY_SECONDS, check=False)
    except FileNotFoundError as error:
        raise Refused(f"{command[0]} is not installed on this machine") from error
    except subprocess.TimeoutExpired as error:
        raise Refused(f"{' '.join(command)} did not end within {APPLY_SECONDS} seconds") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Refused(f"{' '.join(command)}: {said[-1] if said else f'exit status {done.returncode}'}")

