"""Enrolment with an OMA: its address and a pairing code, then the OMA's operator has the last word."""

import sys
import time

import health
import screen
from terminal import BACK_KEYS

sys.path[:0] = ["/usr/local/lib/ossea/enrolment", "/usr/local/lib/ossea/tunnel"]

import enrol as enrolling
import enrolment

TUNNEL_SECONDS = 40


class Stopped(Exception):
    """The operator does not wait any longer."""


def enrol(terminal, definition):
    terminal.draw(screen.header(terminal, definition, "enrol with an OMA"))
    terminal.say("", "")
    former = former_host()
    if former:
        terminal.say(f"This VMA is enrolled with {former}. That stays until another OMA's operator approves it.", "")
    terminal.say("The OMA's operator makes a pairing code: on its console VMAs, New pairing code.", "")
    host = terminal.line("Address or name of the OMA", former)
    if not host:
        return
    code = terminal.line("Pairing code, XXXX-XXXX-XXXX")
    if not code:
        return
    terminal.say("")
    try:
        enrolling.enrol(host, code, terminal.say, lambda seconds: wait(terminal, seconds))
    except enrolling.Failed as failed:
        terminal.say("", f"Not enrolled: {failed}.", paint=terminal.bad)
        terminal.any_key()
        return
    except Stopped:
        terminal.say("", "Stopped. Nothing was changed.", paint=terminal.warning)
        terminal.any_key()
        return
    terminal.say("The tunnel is built ...")
    fault = tunnel_fault()
    if fault:
        terminal.say(f"It is not up yet: {fault}. It is tried again and again.", paint=terminal.warning)
    else:
        terminal.say("The tunnel is up, and the OMA's API answers through it.", paint=terminal.good)
    terminal.any_key()


def former_host():
    try:
        found = enrolment.read()
    except enrolment.Malformed:
        return ""
    return found.host if found else ""


def wait(terminal, seconds):
    terminal.write("\r  Waiting for the OMA's operator; Esc stops. ")
    if terminal.key(seconds) in BACK_KEYS:
        raise Stopped


def tunnel_fault():
    until = time.monotonic() + TUNNEL_SECONDS
    probe = {"kind": "http", "port": 8082, "path": "/health"}
    while (fault := health.fault_of(probe)) and time.monotonic() < until:
        time.sleep(1)
    return fault
