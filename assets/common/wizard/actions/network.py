"""
The network as the operator says it: checked, put on trial, kept only when the operator says so while it works, and
taken back by itself otherwise.
"""

import subprocess
import time

import facts
import netplan
import screen
from network_settings import (
    Dhcp,
    Mistake,
    Static,
    parse_address,
    parse_gateway,
    parse_name_servers,
    parse_search,
)

ADDRESS_SECONDS = 30
GATEWAY_TRIES = 5
WATCH_SECONDS = 5


class Back(Exception):
    """The operator goes back without having said everything."""


def network(terminal, definition):
    ways = {"1": static, "2": dhcp, "3": name_service}
    while True:
        show(terminal, definition)
        chosen = terminal.choice(ways)
        if chosen is None:
            return
        terminal.clear()
        try:
            try_out(terminal, definition, ways[chosen](terminal))
        except Back:
            pass
        terminal.clear()


def show(terminal, definition):
    seen = facts.network()
    terminal.draw(
        [
            *screen.header(terminal, definition, "network"),
            f"  {'Interface':<14}{', '.join(netplan.ethernet_interfaces()) or 'none found'}",
            f"  {'Address':<14}{screen.address_words(seen)}",
            f"  {'Gateway':<14}{screen.gateway_words(seen)}",
            *foreign_lines(terminal),
            screen.rule(),
            "  [1] Static address",
            "  [2] Address by DHCP",
            "  [3] Name servers only",
            "  [b] Back ",
        ]
    )


def foreign_lines(terminal):
    return [
        terminal.warning(screen.fitted(f"  /etc/netplan/{name} also says something of the network", 76))
        for name in netplan.foreign_files()
    ]


# Questions. Each is asked until its answer is right, or the operator goes back.


def asked(terminal, question, parse, shown=""):
    while True:
        answer = terminal.line(question, shown)
        if answer is None:
            raise Back
        try:
            return parse("" if answer == "none" else answer)
        except Mistake as mistake:
            terminal.say(str(mistake), paint=terminal.bad)


def static(terminal):
    before = netplan.current()
    former = before if isinstance(before, Static) else None
    seen = facts.network()
    terminal.say("", terminal.bold("Static address"), "Esc goes back; Enter takes what stands in brackets.", "")
    interface = asked_interface(terminal, former)
    default = former.address if former else (seen.addresses[0] if seen.addresses else "")
    address = asked(terminal, "Address with prefix, such as 192.0.2.10/24", with_mask(terminal), default)
    gateway = asked(
        terminal,
        "Gateway, or none",
        lambda text: parse_gateway(text, address),
        (former.gateway if former else seen.gateway) or "none",
    )
    servers, search = asked_name_service(terminal, former.name_servers if former else seen.name_servers, before)
    return Static(interface, address, gateway, servers, search)


def asked_interface(terminal, former):
    found = netplan.ethernet_interfaces()
    if not found:
        terminal.say("This machine has no Ethernet interface. Give it one in the cloud, then come back.", paint=terminal.bad)
        terminal.any_key()
        raise Back
    if len(found) == 1:
        return found[0]

    def parse(text):
        if text not in found:
            raise Mistake(f"there is no interface {text}; there are {', '.join(found)}")
        return text

    return asked(terminal, f"Interface ({', '.join(found)})", parse, former.interface if former else found[0])


def with_mask(terminal):
    """An address without a prefix is asked for its mask."""

    def parse(text):
        if "/" in text:
            return parse_address(text)
        parse_address(text, "32")
        return asked(terminal, "Prefix or mask, such as 24 or 255.255.255.0", lambda mask: parse_address(text, mask))

    return parse


def asked_name_service(terminal, servers, before):
    shown = " ".join(servers) or "none"
    found = asked(terminal, "Name servers, with spaces between them, or none", parse_name_servers, shown)
    search = asked(terminal, "Search domains, or none", parse_search, " ".join(before.search if before else ()) or "none")
    return found, search


def dhcp(terminal):
    terminal.say("", terminal.bold("Address by DHCP"), "Every Ethernet interface asks for its address.", "")
    return Dhcp()


def name_service(terminal):
    before = netplan.current()
    if before is None:
        terminal.say("The network was set by hand: choose a static address or DHCP first.", paint=terminal.bad)
        terminal.any_key()
        raise Back
    terminal.say("", terminal.bold("Name servers"), "With DHCP, none means those that come with the address.", "")
    servers, search = asked_name_service(terminal, before.name_servers, before)
    if isinstance(before, Static):
        return Static(before.interface, before.address, before.gateway, servers, search)
    return Dhcp(servers, search)


# The trial.


def try_out(terminal, definition, settings):
    keep_seconds = definition["network"]["keepSeconds"]
    terminal.clear()
    terminal.draw([*screen.header(terminal, definition, "network"), "", *(f"  {line}" for line in summary(settings)), ""])
    terminal.say("", "", f"They are taken back after {keep_seconds} s unless you keep them.")
    if not terminal.agreed("Try these settings?"):
        return
    terminal.say("", "Applying ...")
    try:
        # The timer must not fire under the looks at address and gateway that come before the question.
        netplan.begin(settings, keep_seconds + definition["network"]["settleSeconds"])
    except netplan.Refused as refused:
        terminal.say(f"Not applied: {refused}", paint=terminal.bad)
        terminal.say("The former settings are in force.")
        terminal.any_key()
        return
    try:
        fault = fault_of(settings) or objection(terminal, settings, keep_seconds)
        if fault is None:
            netplan.keep(settings)
            terminal.say("", "Kept. The machine starts with these settings from now on.", paint=terminal.good)
        else:
            taken_back(terminal, fault)
    except netplan.Refused as refused:
        terminal.say(f"Not kept: {refused}", paint=terminal.bad)
    terminal.any_key()


def taken_back(terminal, fault):
    netplan.disarm()
    netplan.revert()
    terminal.say("", f"Taken back: {fault}.", paint=terminal.warning)
    terminal.say("The former settings are in force again.")


def summary(settings):
    match settings:
        case Static():
            lines = [
                f"{'Interface':<14}{settings.interface}",
                f"{'Address':<14}{settings.address}",
                f"{'Gateway':<14}{settings.gateway or 'none'}",
            ]
        case Dhcp():
            lines = [f"{'Address':<14}by DHCP"]
    from_lease = "as the lease says" if isinstance(settings, Dhcp) else "none"
    return [
        *lines,
        f"{'Name servers':<14}{' '.join(settings.name_servers) or from_lease}",
        f"{'Search':<14}{' '.join(settings.search) or from_lease}",
    ]


def fault_of(settings):
    """Why the new settings do not work; None when nothing speaks against them."""
    return connection_fault(settings) if has_address(settings) else "no interface got an address"


def connection_fault(settings):
    if isinstance(settings, Static):
        return None if settings.gateway is None else gateway_fault(settings.gateway, settings.interface)
    seen = facts.network()
    return gateway_fault(seen.gateway, seen.interface) if seen.gateway else None


def has_address(settings):
    """Asks networkd to say so; it answers as soon as it is true."""
    which = [f"--interface={settings.interface}"] if isinstance(settings, Static) else ["--any"]
    waited = subprocess.run(
        [
            "/lib/systemd/systemd-networkd-wait-online",
            *which,
            "--ipv4",
            "--operational-state=routable:routable",
            f"--timeout={ADDRESS_SECONDS}",
        ],
        capture_output=True,
        check=False,
    )
    wanted = settings.address if isinstance(settings, Static) else None
    addresses = facts.network().addresses
    return wanted in addresses if wanted else waited.returncode == 0 and bool(addresses)


def gateway_fault(gateway, interface):
    # Each try waits for its answer; the first ones may be lost while a switch learns the port.
    if any(facts.gateway_answers(gateway, interface) for _ in range(GATEWAY_TRIES)):
        return None
    return f"the gateway {gateway} does not answer on {interface}"


def objection(terminal, settings, keep_seconds):
    """Why they are not kept: the operator's word, nobody's word in time, or a gateway that went away meanwhile."""
    until = time.monotonic() + keep_seconds
    terminal.say("", "The network works with these settings.", paint=terminal.good)
    while (left := until - time.monotonic()) > 0:
        terminal.write(f"\r  Keep them? {terminal.bold('k')} keeps, any other key takes them back. {int(left) + 1:>3} s ")
        key = terminal.key(1)
        if key is not None:
            terminal.say("")
            return None if key in ("k", "K") else "you did not keep them"
        if int(left) % WATCH_SECONDS == 0 and (fault := connection_fault(settings)):
            terminal.say("")
            return fault
    terminal.say("")
    return f"nobody kept them within {keep_seconds} s"
