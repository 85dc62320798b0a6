"""What the machine is now. Every fact has a value even where there is no network at all."""

import collections
import json
import socket
import subprocess
from dataclasses import dataclass

import netplan
from network_settings import Dhcp, Static

COMMAND_SECONDS = 5


@dataclass(frozen=True)
class NetworkFacts:
    interface: str | None
    addresses: tuple[str, ...]
    gateway: str | None
    name_servers: tuple[str, ...]
    mode: str

    @property
    def address(self):
        """Without its prefix."""
        return self.addresses[0].partition("/")[0] if self.addresses else None


def output_of(*command):
    """What a command says, or nothing: a fact that cannot be had is none."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def json_of(*command):
    try:
        return json.loads(output_of(*command) or "[]")
    except json.JSONDecodeError:
        return []


def of_file(path):
    """The texts of a JSON object that a service keeps; what it does not say is "unknown"."""
    said = collections.defaultdict(lambda: "unknown")
    try:
        with open(path, encoding="utf-8") as file:
            said.update({name: value for name, value in json.load(file).items() if value})
    except (OSError, ValueError, AttributeError):
        pass
    return said


def host_name():
    return socket.gethostname()


def network():
    default = next(iter(json_of("ip", "-json", "-4", "route", "show", "default")), {})
    links = [link for link in json_of("ip", "-json", "-4", "address", "show", "scope", "global") if link.get("addr_info")]
    # The interface of the default route first: its address is the one that others reach.
    links.sort(key=lambda link: link.get("ifname") != default.get("dev"))
    addresses = tuple(f"{info['local']}/{info['prefixlen']}" for link in links for info in link["addr_info"])
    return NetworkFacts(
        interface=default.get("dev") or next((link["ifname"] for link in links), None),
        addresses=addresses,
        gateway=default.get("gateway"),
        name_servers=name_servers(),
        mode=mode(),
    )


def name_servers():
    listed = [word for line in output_of("resolvectl", "dns").splitlines() for word in line.partition(":")[2].split()]
    if not listed:
        try:
            with open("/etc/resolv.conf", encoding="utf8") as file:
                listed = [line.split()[1] for line in file if line.startswith("nameserver ")]
        except (OSError, IndexError):
            listed = []
    return tuple(dict.fromkeys(listed))


def mode():
    match netplan.current():
        case Dhcp():
            return "DHCP"
        case Static():
            return "static"
        case _:
            return "set by hand"


def gateway_answers(gateway, interface):
    """Whether the gateway is there: an answer to a ping, or to the question for its MAC address alone."""
    if output_of("ping", "-c", "1", "-W", "2", "-I", interface, gateway):
        return True
    neighbours = json_of("ip", "-json", "neighbour", "show", gateway, "dev", interface)
    return any(set(entry.get("state", ())) & {"REACHABLE", "DELAY", "PERMANENT"} for entry in neighbours)
