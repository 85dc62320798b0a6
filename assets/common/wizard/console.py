"""The console's loop: the dashboard draws itself again as facts change, a number opens what the menu names."""

import threading
from dataclasses import dataclass

import facts
import health
import screen
from actions import actions
from terminal import Gone

REFRESH_SECONDS = 5
FIRST_LOOK_SECONDS = 2


@dataclass(frozen=True)
class Seen:
    host: str
    network: facts.NetworkFacts
    services: dict
    tunnel: dict


def look(definition):
    return Seen(
        host=facts.host_name(),
        network=facts.network(),
        services=health.all_health(definition["services"]),
        tunnel={row["title"]: tunnel_words(row) for row in definition.get("tunnel", ())},
    )


def tunnel_words(row):
    """The first state whose probe sees its work done names it; the last one needs no probe. `facts` names a file
    with what stands in braces."""
    for state in row["states"]:
        if "probe" not in state or not health.fault_of(state["probe"]):
            return state["words"].format_map(facts.of_file(state["facts"])) if "facts" in state else state["words"]
    return "unknown"


class Watch:
    """Looks again and again in the background, so that a service that hangs does not hold up the keys."""

    def __init__(self, definition):
        self.definition = definition
        self.seen = None
        self.fresh = threading.Event()
        self.wanted = threading.Event()
        self.paused = threading.Event()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            if not self.paused.is_set():
                self.seen = look(self.definition)
                self.fresh.set()
            self.wanted.wait(REFRESH_SECONDS)
            self.wanted.clear()


def run(terminal, definition):
    """Until the console is gone."""
    watch = Watch(definition)
    terminal.clear()
    terminal.draw(screen.header(terminal, definition) + ["", "  Looking at the machine ..."])
    watch.fresh.wait(FIRST_LOOK_SECONDS)
    chosen = {str(number): entry["action"] for number, entry in enumerate(definition["menu"], start=1)}
    while True:
        if watch.seen is not None:
            terminal.draw(screen.dashboard(terminal, definition, watch.seen))
        # Once a second for the clock.
        key = terminal.key(1)
        if key in chosen:
            watch.paused.set()
            terminal.clear()
            attempt(terminal, definition, chosen[key])
            watch.paused.clear()
            watch.wanted.set()
            terminal.clear()


def attempt(terminal, definition, name):
    """A fault in one action is told, and never ends the console."""
    try:
        actions[name](terminal, definition)
    except Gone:
        raise
    except Exception as error:  # noqa: BLE001
        terminal.say("", terminal.bad(f"{type(error).__name__}: {error}"))
        terminal.any_key()


def once(terminal, definition):
    """One look, printed: for reports and for terminals that are read and not watched."""
    print("\n".join(screen.dashboard(terminal, definition, look(definition))[:-1]))
