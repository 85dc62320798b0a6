"""How services are, by their work: a server that is "active" and answers nobody is of no use."""

import json
import subprocess
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass

HTTP_SECONDS = 3
COMMAND_SECONDS = 5
LISTENING = "0A"
# Only this machine is asked; a proxy of the environment has no business here.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Health:
    """`state` is one of working, starting, failed, stopped, not answering; `reason` says more, or is empty."""

    state: str
    reason: str = ""

    @property
    def working(self):
        return self.state == "working"


def unit_facts(units):
    """Unit -> {ActiveState, SubState, NRestarts, Result}, in one question for all."""
    properties = "--property=Id,ActiveState,SubState,NRestarts,Result,LoadState"
    try:
        said = subprocess.run(
            ["systemctl", "show", properties, *units], capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return {}
    blocks = [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in said.split("\n\n")]
    # A unit may answer by another name (mysql is mariadb): the order of the question is what holds.
    return dict(zip(units, (block for block in blocks if block), strict=False))


def service_health(service, facts):
    state = facts.get("ActiveState", "unknown")
    if state in ("activating", "reloading"):
        return Health("starting")
    if state == "failed":
        return Health("failed", facts.get("Result", ""))
    if state != "active":
        return Health("stopped", "not installed" if facts.get("LoadState") == "not-found" else "")
    reason = fault_of(service["probe"])
    return Health("not answering", reason) if reason else Health("working")


def fault_of(probe):
    """Why a probe does not see its work done; empty when it does."""
    match probe["kind"]:
        case "http":
            return http_fault(probe)
        case "listen":
            ports = range(probe["port"], probe.get("to", probe["port"]) + 1)
            return "" if any(listens(port) for port in ports) else f"nothing listens on port {probe['port']}"
        case "command":
            return command_fault(probe["command"])
        case kind:
            raise ValueError(f"no probe of kind {kind}")


def http_fault(probe):
    try:
        with opener.open(f"http://127.0.0.1:{probe['port']}{probe['path']}", timeout=HTTP_SECONDS) as answer:
            body = answer.read(64 * 1024)
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}"
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", error))
    return json_fault(probe.get("json") or {}, body)


def json_fault(expected, body):
    if not expected:
        return ""
    try:
        said = json.loads(body)
    except ValueError:
        return "the answer is no JSON"
    for key, value in expected.items():
        seen = said.get(key) if isinstance(said, dict) else None
        if seen != value:
            return f"{key} is {seen}"
    return ""


def command_fault(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"no answer within {COMMAND_SECONDS} seconds"
    except OSError as error:
        return str(error.strerror)
    said = done.stderr.strip().splitlines()
    return "" if done.returncode == 0 else (said[-1] if said else f"exit status {done.returncode}")


def listens(port):
    """A connection that says nothing would be a line in the server's log every time: the kernel is asked instead."""
    wanted = f":{port:04X}"
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(path, encoding="ascii") as file:
                next(file)
                if any(line.split()[1].endswith(wanted) and line.split()[3] == LISTENING for line in file):
                    return True
        except OSError:
            continue
    return False


def all_health(services):
    """Service title -> Health, all asked at once: one that hangs delays none of the others."""
    facts = unit_facts([service["unit"] for service in services])
    found = {}

    def ask(service):
        found[service["title"]] = service_health(service, facts.get(service["unit"], {}))

    threads = [threading.Thread(target=ask, args=(service,), daemon=True) for service in services]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(COMMAND_SECONDS + 1)
    return {service["title"]: found.get(service["title"], Health("not answering", "no answer yet")) for service in services}
