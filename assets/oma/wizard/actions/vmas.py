"""VMAs: a pairing code for a new one, the operator's word on those that ask, and an end to those that shall go."""

import sys
import time

import screen
from terminal import BACK_KEYS, ENTER

sys.path.insert(0, "/usr/local/lib/ossea/enrolment")

from operators import Unanswered, ask

SHOWN = 4
LOOK_SECONDS = 3
QUIET_SECONDS = 900


def vmas(terminal, definition):
    until = time.monotonic() + QUIET_SECONDS
    terminal.clear()
    while time.monotonic() < until:
        try:
            waiting, enrolled = ask({"request": "pending"})["pending"], ask({"request": "active"})["active"]
        except Unanswered as fault:
            terminal.draw(screen.header(terminal, definition, "VMAs"))
            terminal.say("", "", str(fault), paint=terminal.bad)
            terminal.any_key()
            return
        enrolled = [each for each in enrolled if each["remote_port"] is not None]
        terminal.draw(page(terminal, definition, waiting, enrolled))
        # Who asks shows up by itself.
        key = terminal.key(LOOK_SECONDS)
        if key in (*BACK_KEYS, *ENTER, "b", "B"):
            return
        if key in ("1", "2", "3", "4"):
            terminal.clear()
            act(terminal, key, waiting, enrolled)
            terminal.clear()


def page(terminal, definition, waiting, enrolled):
    lines = [*screen.header(terminal, definition, "VMAs"), "  Waiting for your word:"]
    for each in waiting[:SHOWN]:
        lines.append(f"    {each['id'][:8]}  {screen.fitted(each['vma_name'], 40)} from {each['vma_ip_address']}")
        lines.append(f"              {each['vma_fingerprint']}")
    lines += ["    none"] if not waiting else []
    lines += [screen.rule(), "  Enrolled:"]
    for each in enrolled[:SHOWN]:
        state = terminal.good("connected") if each["connection_status"] == "connected" else terminal.bad("not connected")
        lines.append(f"    {each['id'][:8]}  {screen.fitted(each['vma_name'], 36):<37} port {each['remote_port']}  {state}")
    lines += ["    none"] if not enrolled else []
    return [*lines, screen.rule(), "  [1] New pairing code  [2] Approve  [3] Reject  [4] Revoke  [b] Back "]


def act(terminal, chosen, waiting, enrolled):
    try:
        match chosen:
            case "1":
                new_code(terminal)
            case "2":
                decide(terminal, waiting, "approve", "Is this the fingerprint on the VMA's own screen?")
            case "3":
                decide(terminal, waiting, "reject", "Reject it?")
            case "4":
                decide(terminal, enrolled, "revoke", "Its tunnel ends at once, and migrations with it. Revoke it?")
    except Unanswered as fault:
        terminal.say("", str(fault), paint=terminal.bad)
        terminal.any_key()


def new_code(terminal):
    made = ask({"request": "code", "by": "console"})
    terminal.say("", "Type this code on the VMA's console (Enrol with an OMA):", "")
    terminal.say(f"    {terminal.bold(made['pairing_code'])}", "")
    terminal.say(f"It is good for one VMA and {made['minutes']} minutes. Then the VMA waits for your word here.")
    terminal.any_key(made["minutes"] * 60)


def decide(terminal, listed, verb, question):
    one = asked_which(terminal, listed)
    if one is None:
        return
    terminal.say("", f"{one['vma_name']} from {one['vma_ip_address']}", one["vma_fingerprint"])
    if not terminal.agreed(question):
        return
    answer = ask({"request": verb, "by": "console", "enrollment_id": one["id"]})
    terminal.say("", f"{answer['status']}.", paint=terminal.good)
    terminal.any_key()


def asked_which(terminal, listed):
    if not listed:
        terminal.say("", "There is none.")
        terminal.any_key()
        return None
    if len(listed) == 1:
        return listed[0]
    wanted = terminal.line("Which? The first characters of its id")
    found = [each for each in listed if wanted and each["id"].startswith(wanted)]
    if len(found) != 1:
        if wanted:
            terminal.say("", f"{len(found)} of them begin with {wanted}.")
            terminal.any_key()
        return None
    return found[0]
