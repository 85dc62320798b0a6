"""The way to the OMA, step by step: where one fails, the cause is there or before it."""

import json
import socket
import subprocess
import sys

import facts
import health
import screen

sys.path.insert(0, "/usr/local/lib/ossea/tunnel")

import enrolment

PORT = 443
CONNECT_SECONDS = 10
STATE = "/run/vma-tunnel/state.json"


def tests(terminal, definition):
    terminal.draw(screen.header(terminal, definition, "tests"))
    terminal.say("", "")
    try:
        settings = enrolment.read()
    except enrolment.Malformed as fault:
        terminal.say(str(fault), paint=terminal.bad)
        terminal.any_key()
        return
    for title, fault in steps(settings):
        terminal.write(f"  {title:<34}")
        said = fault()
        terminal.say(terminal.good("fine") if not said else terminal.bad("failed"))
        if said:
            terminal.say(f"  {said}")
    if settings is None:
        terminal.say("", "This VMA is not enrolled: the way to an OMA is tried after its enrolment.", paint=terminal.warning)
    terminal.any_key()


def steps(settings):
    """Title and what says its fault, or nothing."""
    yield "This VMA's API", lambda: health.fault_of(
        {"kind": "http", "port": 8081, "path": "/api/v1/health", "json": {"status": "healthy"}}
    )
    yield "Gateway", gateway_fault
    if settings is None:
        return
    yield f"TCP {PORT} of {settings.host}"[:33], lambda: port_fault(settings.host)
    yield "The OMA's host key", lambda: host_key_fault(settings.host)
    yield "Tunnel", tunnel_fault
    yield "The OMA's API through the tunnel", lambda: health.fault_of(
        {"kind": "http", "port": 8082, "path": "/health", "json": {"status": "healthy"}}
    )


def gateway_fault():
    seen = facts.network()
    if seen.gateway is None:
        return "there is no default gateway: choose Network"
    return "" if facts.gateway_answers(seen.gateway, seen.interface) else f"{seen.gateway} does not answer"


def port_fault(host):
    try:
        with socket.create_connection((host, PORT), timeout=CONNECT_SECONDS):
            return ""
    except TimeoutError:
        return "no answer: a firewall on the way, or the OMA is down"
    except OSError as error:
        return str(error.strerror or error)


def host_key_fault(host):
    fault = enrolment.host_key_fault()
    if fault:
        return fault
    shown = subprocess.run(
        ["ssh-keyscan", "-p", str(PORT), "-T", str(CONNECT_SECONDS), "-t", "ed25519", host],
        capture_output=True, text=True, check=False,
    ).stdout.split()
    with open(enrolment.KNOWN_HOSTS, encoding="utf-8") as file:
        pinned = file.read().split()
    if not shown:
        return "the OMA shows none"
    return "" if shown[1:3] == pinned[1:3] else "it is another one than at the enrolment: find out why"


def tunnel_fault():
    if health.listens(10808):
        return ""
    try:
        with open(STATE, encoding="utf-8") as file:
            return json.load(file)["fault"] or "it is being built"
    except (OSError, ValueError, KeyError):
        return "vma-ssh-tunnel does not run: systemctl status vma-ssh-tunnel"
