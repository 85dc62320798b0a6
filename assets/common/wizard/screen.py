"""What stands on the screens: plain lines of at most 80 columns, made of facts that were gathered before."""

import time
from pathlib import Path

from terminal import COLUMNS

WIDTH = COLUMNS - 2
SEALED = Path("/etc/ossea/sealed")


def rule(mark="-"):
    return mark * WIDTH


def fitted(text, width=WIDTH):
    """Never wider than the screen: a line that wraps would push the last one off it."""
    return text if len(text) <= width else text[: width - 2] + ".."


def header(terminal, definition, title=""):
    name = definition["brand"]
    what = title or definition["title"]
    return [rule("="), f"  {terminal.brand(name)}   {fitted(what, WIDTH - len(name) - 5)}", rule("=")]


def state_word(terminal, health):
    paint = {"working": terminal.good, "starting": terminal.warning}.get(health.state, terminal.bad)
    return paint(health.state)


def dashboard(terminal, definition, seen):
    """`seen` has host, network, services (title -> Health) and tunnel (title -> words)."""
    network = seen.network
    lines = header(terminal, definition)
    lines += [
        f"  {'Host name':<14}{fitted(seen.host, 60)}",
        f"  {'Address':<14}{fitted(address_words(network), 60)}",
        f"  {'Gateway':<14}{fitted(gateway_words(network), 60)}",
    ]
    lines += [f"  {title:<14}{fitted(words, 60)}" for title, words in seen.tunnel.items()]
    lines.append(rule())
    for title, health in seen.services.items():
        reason = f"  {fitted(health.reason, 40)}" if health.reason else ""
        lines.append(f"  {fitted(title, 17):<18}{state_word(terminal, health)}{reason}")
    lines.append(rule())
    lines += access_lines(terminal, definition, network)
    if SEALED.exists():
        lines.append(terminal.warning('  First boot is not complete: journalctl -u "ossea-first-boot*"'))
    lines.append(rule())
    return lines + menu_lines(terminal, definition)


def address_words(network):
    if not network.addresses:
        return "none yet"
    more = f" (and {len(network.addresses) - 1} more)" if len(network.addresses) > 1 else ""
    return f"{network.addresses[0]} on {network.interface}, {network.mode}{more}"


def gateway_words(network):
    return f"{network.gateway or 'none'}   name servers {' '.join(network.name_servers) or 'none'}"


def access_lines(terminal, definition, network):
    if network.address is None:
        return [terminal.warning("  There is no network address yet: choose Network, or wait for DHCP.")]
    return [
        f"  {entry['title']:<14}{terminal.bold(fitted(entry['text'].format(address=network.address), 60))}"
        for entry in definition["addresses"]
    ]


def menu_lines(terminal, definition):
    words = [f"[{number}] {entry['title']}" for number, entry in enumerate(definition["menu"], start=1)]
    lines, line = [], " "
    for word in words:
        if len(line) + 2 + len(word) > WIDTH:
            lines.append(line)
            line = " "
        line += f" {word} "
    return [*lines, line, f"  {time.strftime('%Y-%m-%d %H:%M:%S %Z')}   Choose a number: "]

