"""
The appliance's face on the first console.

usage: python3 -I /usr/local/lib/ossea/wizard DEFINITION [--once]
       python3 -I /usr/local/lib/ossea/wizard --revert-network
DEFINITION is the appliance's console.json. --once prints the dashboard and ends. --revert-network ends a trial of
network settings; a timer asks for it.
"""

import json
import signal
import sys

import console
import netplan
from terminal import Gone, Terminal


def main(arguments):
    if arguments == ["--revert-network"]:
        netplan.revert()
        return
    path, *options = arguments
    with open(path, encoding="utf8") as file:
        definition = json.load(file)
    if options == ["--once"]:
        console.once(Terminal(), definition)
        return
    # Whatever is typed or torn off: the console stays, or systemd starts it again.
    for name in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    terminal = Terminal()
    try:
        console.run(terminal, definition)
    except Gone:
        return
    finally:
        terminal.restore()


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit(__doc__)
    main(sys.argv[1:])
