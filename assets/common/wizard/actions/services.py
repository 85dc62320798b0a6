"""Every service with its evidence, and the last of what one of them said."""

import facts
import health
import screen

KEPT_LINES = 14


def services(terminal, definition):
    while True:
        listed = definition["services"]
        units = [service["unit"] for service in listed]
        found, states = health.all_health(listed), health.unit_facts(units)
        lines = screen.header(terminal, definition, "service details")
        for number, service in enumerate(listed, start=1):
            seen, state = found[service["title"]], states.get(service["unit"], {})
            restarts = state.get("NRestarts", "0")
            words = f"{state.get('ActiveState', 'unknown')} ({state.get('SubState', '?')}), {restarts} restarts"
            lines.append(f"  [{number}] {screen.fitted(service['unit'], 28):<29}{screen.state_word(terminal, seen)}")
            lines.append(f"      {screen.fitted(words + (f': {seen.reason}' if seen.reason else ''), 70)}")
        lines += [screen.rule(), "  A number shows what that service said last; b goes back. "]
        terminal.draw(lines)
        chosen = terminal.choice([str(number) for number in range(1, len(listed) + 1)])
        if chosen is None:
            return
        log(terminal, definition, units[int(chosen) - 1])
        terminal.clear()


def log(terminal, definition, unit):
    terminal.clear()
    said = facts.output_of(
        "journalctl", f"--unit={unit}", f"--lines={KEPT_LINES}", "--no-pager", "--quiet", "--no-hostname"
    )
    shown = [plain(line) for line in said.splitlines()] or ["nothing since this start of the machine"]
    terminal.draw(
        [*screen.header(terminal, definition, unit), "", *(f"  {screen.fitted(line, 74)}" for line in shown), ""]
    )
    terminal.any_key()


def plain(line):
    """A log line is somebody else's text: its control characters must not reach the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in line)
