"""How others reach the appliance, and whether each way answers from here."""

import facts
import health
import screen


def access(terminal, definition):
    network = facts.network()
    terminal.draw(screen.header(terminal, definition, "how to reach this appliance"))
    terminal.say("", "")
    if network.address is None:
        terminal.say("There is no network address yet. Choose Network in the menu, or see why DHCP gave none:")
        terminal.say("networkctl status, journalctl -u systemd-networkd (after logging in).")
        return terminal.any_key()
    for entry in definition["addresses"]:
        for address in network.addresses:
            text = entry["text"].format(address=address.partition("/")[0])
            terminal.say(f"{entry['title']:<14}{terminal.bold(text)}")
        terminal.say(f"{'':<14}{entry['hint']}" + (f"; {answer(terminal, entry)}" if "probe" in entry else ""), "")
    terminal.say("Open the addresses in a browser on a computer that reaches this network.")
    terminal.say("If one answers here but not there, a firewall stands between.")
    return terminal.any_key()


def answer(terminal, entry):
    fault = health.fault_of(entry["probe"])
    return terminal.bad(f"does not answer here: {fault}") if fault else terminal.good("answers here")
