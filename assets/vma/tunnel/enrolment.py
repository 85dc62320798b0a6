"""What the VMA was told when it was enrolled. Read as text, never run by a shell: a value may be anything."""

import os
import re
from dataclasses import dataclass

CONFIG = os.environ.get("VMA_CONFIG", "/opt/vma/vma-config.conf")
FOLDER = os.environ.get("VMA_ENROLMENT", "/opt/vma/enrollment")
KEY = f"{FOLDER}/vma_enrollment_key"
KNOWN_HOSTS = f"{FOLDER}/known_hosts"
HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
PORTS = range(9081, 9097)
HOST_KEY = re.compile(r"oma (ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/]+={0,2}( .*)?")


class Malformed(ValueError):
    """What is wrong with the enrolment, in words for an operator."""


@dataclass(frozen=True)
class Enrolment:
    host: str
    # Of the OMA's loopback, leads to this VMA's API.
    remote_port: int
    identifier: str = ""


def read():
    """The enrolment; None when there is none. Raises Malformed."""
    try:
        with open(CONFIG, encoding="utf-8") as file:
            return parse(file.read())
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed(f"{CONFIG} cannot be read: {error}") from error


def parse(text):
    values = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not re.fullmatch(r"[A-Z_]+", name):
            raise Malformed(f"{CONFIG} line {number} is not NAME=value")
        values[name] = value.strip().strip('"')
    host, port = values.get("OMA_HOST", ""), values.get("TUNNEL_REMOTE_PORT", "")
    if not HOST.fullmatch(host):
        raise Malformed(f"OMA_HOST in {CONFIG} is no address")
    if not port.isdigit() or int(port) not in PORTS:
        raise Malformed(f"TUNNEL_REMOTE_PORT in {CONFIG} is none of {PORTS[0]} to {PORTS[-1]}")
    return Enrolment(host, int(port), values.get("ENROLLMENT_ID", ""))


def text_of(enrolment):
    """As it is written."""
    return (
        "# Written by the enrolment. The tunnel's forwards are in /etc/ossea/tunnel/ssh_config.\n"
        f'OMA_HOST="{enrolment.host}"\nTUNNEL_REMOTE_PORT="{enrolment.remote_port}"\n'
        f'ENROLLMENT_ID="{enrolment.identifier}"\n'
    )


def host_key_fault():
    """Why the OMA could not be recognised; empty when it can."""
    try:
        with open(KNOWN_HOSTS, encoding="utf-8") as file:
            lines = [line.strip() for line in file if line.strip()]
    except OSError as error:
        return f"{KNOWN_HOSTS} cannot be read: {error.strerror}"
    if not lines or not all(HOST_KEY.fullmatch(line) for line in lines):
        return f"{KNOWN_HOSTS} has not the OMA's host key"
    return ""
