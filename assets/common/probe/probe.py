#!/usr/bin/env python3
"""Looks at the machine it runs on and says what it saw, as one line of JSON on standard output.

Standard input is one JSON object, one of
  {"checks": [{"id", "probe", "expect"}, ...]} -> {"verdicts": [{"id", "outcome", "detail", "seconds"}, ...]}
      with "disk": true the sealed disk that is attached to this machine is looked at in its place
  {"probes": [{"kind": "unit", ...}, ...]}     -> {"answers": [{"answer": {...}, "seconds": 0.1}, ...]}
  {"service": {"unit", "gate", ...}}           -> {"service": {...}}
A probe that could not answer gives {"error": "..."} in place of "answer", and its check is unknown: never a pass. It
reads only; the one exception is a service, which it starts. Values of secrets are never written: lengths and kinds are.
Needs Debian's package python3 alone (python3-minimal lacks modules) and judge.py beside it, and runs as root.
"""

import base64
import binascii
import concurrent.futures
import concurrent.futures.thread
import ctypes
import glob
import grp
import hashlib
import http.client
import json
import os
import pwd
import re
import shlex
import socket
import stat
import struct
import subprocess
import sys
import time
import xml.etree.ElementTree

import judge

PROBE_SECONDS = 30
HTTP_SECONDS = 5
BODY_BYTES = 2048
TEXT_BYTES = 64 * 1024
POLL_SECONDS = 0.25
LOG_LINES = 20
SECRET_NAME = r"[A-Za-z0-9_.-]*(?:pass|passwd|password|secret|token|key)[A-Za-z0-9_.-]*"


# Filled once the process has gone into a disk.
ON_DISK = []


class CannotAnswer(Exception):
    """The probe itself failed; its message goes to the report as the reason."""


def run(command, text=None, seconds=PROBE_SECONDS):
    """Runs a command of the machine; its absence and its silence are reasons, not crashes."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""}
    try:
        return subprocess.run(
            command,
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            env=environment,
            check=False,
        )
    except FileNotFoundError as error:
        raise CannotAnswer(f"{command[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise CannotAnswer(f"{command[0]} gave no answer in {seconds:g} s") from error


def tail(text, length=400):
    text = text.strip()
    return text if len(text) <= length else "..." + text[-length:]


# systemd


def unit_properties(unit, names):
    shown = run(["systemctl", "show", unit, "--property=" + ",".join(names)])
    if shown.returncode != 0:
        raise CannotAnswer(f"systemctl show {unit}: {tail(shown.stderr)}")
    lines = (line.partition("=") for line in shown.stdout.splitlines())
    return {name: value for name, _, value in lines}


def number(text):
    return int(text) if text.isdigit() else 0


def probe_unit(probe):
    names = ["LoadState", "ActiveState", "SubState", "UnitFileState", "User", "NRestarts", "ExecMainStatus", "Requires"]
    shown = unit_properties(probe["unit"], names)
    return {
        "load": shown.get("LoadState", ""),
        "active": shown.get("ActiveState", ""),
        "sub": shown.get("SubState", ""),
        "enabled": shown.get("UnitFileState", ""),
        "user": shown.get("User") or "root",
        "restarts": number(shown.get("NRestarts", "")),
        "execMainStatus": number(shown.get("ExecMainStatus", "")),
        "requires": shown.get("Requires", "").split(),
    }


def probe_unit_file(probe):
    """Reads the disk alone, so that it also answers for a disk that nobody runs."""
    asked = run(["systemctl", "--root=/", "is-enabled", probe["unit"]])
    return {"state": asked.stdout.strip() or "not-found"}


def probe_failed_units(_probe):
    listed = run(["systemctl", "list-units", "--failed", "--all", "--plain", "--no-legend", "--full"])
    if listed.returncode != 0:
        raise CannotAnswer(f"systemctl list-units: {tail(listed.stderr)}")
    return {"failed": [line.split()[0] for line in listed.stdout.splitlines() if line.strip()]}


# Network


def probe_http(probe):
    seconds = probe.get("timeoutSeconds", HTTP_SECONDS)
    connection = http.client.HTTPConnection("127.0.0.1", probe["port"], timeout=seconds)
    try:
        connection.request("GET", probe["path"], headers={"Accept": "application/json, */*"})
        response = connection.getresponse()
        content = response.read(1024 * 1024)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return {"status": None, "body": "", "error": f"port {probe['port']}: {reason}"}
    finally:
        connection.close()
    answer = {"status": response.status, "body": content[:BODY_BYTES].decode("utf-8", "replace")}
    try:
        answer["json"] = json.loads(content)
    except ValueError:
        pass
    return answer


def sockets_of(table, protocol, listening_state):
    """Rows of /proc/net, so that the probe does not depend on a package."""
    try:
        with open(f"/proc/net/{table}", encoding="ascii") as rows:
            lines = rows.readlines()[1:]
    except FileNotFoundError:
        return
    for line in lines:
        fields = line.split()
        if fields[3] != listening_state:
            continue
        address, port = fields[1].split(":")
        yield protocol, printable_address(address), int(port, 16)


def printable_address(digits):
    # The kernel prints each 32-bit word in the machine's own byte order.
    words = [struct.pack("=I", int(digits[i : i + 8], 16)) for i in range(0, len(digits), 8)]
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    return socket.inet_ntop(family, b"".join(words))


def listening():
    for table, protocol, state in (("tcp", "tcp", "0A"), ("tcp6", "tcp", "0A"), ("udp", "udp", "07"), ("udp6", "udp", "07")):
        yield from sockets_of(table, protocol, state)


def probe_listen(probe):
    found = sorted(set(listening()))
    shown = [f"{protocol} {f'[{address}]' if ':' in address else address}:{port}" for protocol, address, port in found]
    asked = sorted({address for protocol, address, port in found if protocol == "tcp" and port == probe.get("port")})
    return {"sockets": shown, "addresses": asked}


# Files


def file_type(mode):
    kinds = {
        stat.S_IFREG: "file",
        stat.S_IFDIR: "directory",
        stat.S_IFLNK: "link",
        stat.S_IFSOCK: "socket",
        stat.S_IFIFO: "pipe",
        stat.S_IFCHR: "device",
        stat.S_IFBLK: "device",
    }
    return kinds.get(stat.S_IFMT(mode), "other")


def name_of_user(uid):
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def name_of_group(gid):
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def probe_file(probe):
    path = probe["path"]
    try:
        seen = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return {"exists": False}
    answer = {
        "exists": True,
        "type": file_type(seen.st_mode),
        "mode": f"{stat.S_IMODE(seen.st_mode):04o}",
        "owner": name_of_user(seen.st_uid),
        "group": name_of_group(seen.st_gid),
        "size": seen.st_size,
    }
    if answer["type"] == "link":
        answer["target"] = os.readlink(path)
    if answer["type"] == "file" and not probe.get("secret"):
        with open(path, "rb") as content:
            answer["sha256"] = hashlib.file_digest(content, "sha256").hexdigest()
            if probe.get("text"):
                content.seek(0)
                answer["text"] = content.read(TEXT_BYTES).decode("utf-8", "replace")
    return answer


def probe_glob(probe):
    return {"paths": sorted(glob.glob(probe["pattern"]))}


PLACEHOLDER = re.compile(
    r"change.?me|change.?this|replace|placeholder|your[-_ ]|example|todo|fixme|default|configure[-_]via|"
    r"\$\{|\{\{|<[^>]*>|^x+$|^\.+$",
    re.IGNORECASE,
)


def environment_lines(path):
    """KEY=value lines as systemd reads them; shlex takes the quotes off."""
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            line = line.strip()
            if not line or line[0] in "#;" or "=" not in line:
                continue
            name, _, value = line.partition("=")
            value = value.strip()
            if value[:1] in ("'", '"'):
                try:
                    value = "".join(shlex.split(value))
                except ValueError:
                    pass
            yield name.strip().removeprefix("export "), value


def base64_bytes(value):
    try:
        return len(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return None


def probe_environment_file(probe):
    try:
        values = dict(environment_lines(probe["path"]))
    except (FileNotFoundError, NotADirectoryError):
        return {"defined": False, "error": f"{probe['path']} does not exist"}
    value = values.get(probe["variable"])
    if value is None:
        return {"defined": False}
    return {
        "defined": True,
        "length": len(value),
        "base64Bytes": base64_bytes(value) if value else None,
        "placeholder": value == "" or bool(PLACEHOLDER.search(value)),
    }


# Database


def database_rows(database, query, seconds=PROBE_SECONDS):
    """As the database's root over the local socket. XML is the one output that tells NULL from the word."""
    client = ["mariadb", "--protocol=socket", "--user=root", "--xml", f"--database={database}"]
    asked = run(client, text=query, seconds=seconds)
    if asked.returncode != 0:
        return {"rows": [], "error": tail(asked.stderr)}
    return {"rows": rows_of(asked.stdout)}


def rows_of(document):
    if not document.strip():
        return []
    nil = "{http://www.w3.org/2001/XMLSchema-instance}nil"
    root = xml.etree.ElementTree.fromstring(document)
    return [
        {
            field.get("name"): None if field.get(nil) == "true" else sql_value(field.text or "")
            for field in row.findall("field")
        }
        for row in root.iter("row")
    ]


def sql_value(text):
    """A number when the text is exactly how that number is written, so that counts can be compared."""
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,14})", text):
        return int(text)
    return text


# No server, or one that went away: that says nothing of what a query asks for.
NOBODY_ANSWERS = re.compile(r"^ERROR (2002|2003|2006|2013|1040)\b", re.MULTILINE)


def probe_sql(probe):
    answer = database_rows(probe["database"], probe["query"])
    if NOBODY_ANSWERS.search(answer.get("error", "")):
        raise CannotAnswer(f"the database does not answer: {answer['error']}; systemctl status mariadb")
    return answer


# Packages, users, the system


def probe_package(probe):
    asked = run(["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", probe["name"]])
    state, _, version = asked.stdout.partition(" ")
    if state != "installed":
        return {"installed": False, "version": ""}
    return {"installed": True, "version": version}


def password_state(field):
    """Of the second field of a shadow line."""
    if field == "":
        return "none"
    return "locked" if field[0] in "!*" else "set"


def shadow_field(name):
    with open("/etc/shadow", encoding="utf-8") as lines:
        for line in lines:
            user, field = line.split(":")[:2]
            if user == name:
                return field
    raise CannotAnswer(f"{name} has no line in /etc/shadow")


def probe_user(probe):
    try:
        user = pwd.getpwnam(probe["name"])
    except KeyError:
        return {"exists": False}
    groups = {name_of_group(user.pw_gid), *(group.gr_name for group in grp.getgrall() if user.pw_name in group.gr_mem)}
    return {
        "exists": True,
        "uid": user.pw_uid,
        "gid": user.pw_gid,
        "home": user.pw_dir,
        "shell": user.pw_shell,
        "groups": sorted(groups),
        "password": password_state(shadow_field(user.pw_name)),
    }


def probe_os_release(_probe):
    values = dict(environment_lines("/etc/os-release"))
    return {"id": values.get("ID", ""), "versionId": values.get("VERSION_ID", ""), "name": values.get("PRETTY_NAME", "")}


def probe_script(probe):
    ran = run(["bash", "-s"], text=probe["text"], seconds=probe.get("timeoutSeconds", PROBE_SECONDS))
    if ran.returncode != 0:
        raise CannotAnswer(f"{probe['script']} ended with {ran.returncode}: {tail(masked(ran.stderr))}")
    try:
        return json.loads(ran.stdout)
    except ValueError as error:
        raise CannotAnswer(f"{probe['script']} did not print JSON") from error


PROBES = {
    "unit": probe_unit,
    "failed-units": probe_failed_units,
    "http": probe_http,
    "listen": probe_listen,
    "file": probe_file,
    "glob": probe_glob,
    "environment-file": probe_environment_file,
    "sql": probe_sql,
    "package": probe_package,
    "user": probe_user,
    "os-release": probe_os_release,
    "script": probe_script,
    "unit-file": probe_unit_file,
}


def answer_of(probe):
    started = time.monotonic()
    try:
        if ON_DISK and probe.get("kind") in OF_RUNNING_SYSTEM:
            raise CannotAnswer(f"a disk that nobody runs has no {probe['kind']}")
        looked = {"answer": PROBES[probe["kind"]](probe)}
    except KeyError as error:
        looked = {"error": f"the probe has no {error}" if probe.get("kind") in PROBES else f"no probe of kind {error}"}
    except CannotAnswer as error:
        looked = {"error": str(error)}
    except Exception as error:  # pylint: disable=broad-except
        # One broken probe must not take the others' answers with it.
        looked = {"error": f"{type(error).__name__}: {error}"}
    return {**looked, "seconds": round(time.monotonic() - started, 3)}


def answers_of(probes):
    """Several checks may judge the same answer: each different probe looks once."""
    different = {json.dumps(probe, sort_keys=True): probe for probe in probes}
    with concurrent.futures.ThreadPoolExecutor(max_workers=8) as pool:
        answers = dict(zip(different, pool.map(answer_of, different.values())))
    return [answers[json.dumps(probe, sort_keys=True)] for probe in probes]


def verdicts_of(checks):
    looked = answers_of([check["probe"] for check in checks])
    return [
        {"id": check["id"], **judge.verdict(check, seen), "seconds": seen["seconds"]} for check, seen in zip(checks, looked)
    ]


# The sealed disk

# Of a running system alone; asked of a disk they would answer for the machine that it is attached to.
OF_RUNNING_SYSTEM = ("unit", "failed-units", "http", "listen", "sql")
SEAL_MARK = "etc/ossea/sealed"


def mounted_devices():
    with open("/proc/self/mountinfo", encoding="utf-8") as lines:
        return {line.split()[2] for line in lines}


def attached_partitions():
    """File systems of attached disks that nothing is mounted from."""
    used = mounted_devices()
    for node in sorted(glob.glob("/dev/vd?*") + glob.glob("/dev/sd?*") + glob.glob("/dev/xvd?*") + glob.glob("/dev/nvme*n*")):
        seen = os.stat(node)
        if not stat.S_ISBLK(seen.st_mode) or f"{os.major(seen.st_rdev)}:{os.minor(seen.st_rdev)}" in used:
            continue
        kind = run(["blkid", "-p", "-o", "value", "-s", "TYPE", node]).stdout.strip()
        if kind in ("ext4", "xfs", "btrfs"):
            yield node, kind


def mount(*arguments):
    return run(["mount", *arguments])


def enter_sealed_disk():
    """
    Makes the sealed disk the root of this process: read-only, its journal untouched, in a mount namespace that ends with
    the process. From here on paths, users, packages and scripts are the disk's.
    """
    new_mount_namespace = 0x20000
    if ctypes.CDLL(None, use_errno=True).unshare(new_mount_namespace) != 0:
        raise CannotAnswer(f"no mount namespace: {os.strerror(ctypes.get_errno())}")
    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "-o", "size=1m,mode=0700", "disk", "/mnt")
    looked = []
    for node, kind in attached_partitions():
        root = f"/mnt/{os.path.basename(node)}"
        os.mkdir(root)
        untouched = {"ext4": "ro,noload", "xfs": "ro,norecovery,nouuid", "btrfs": "ro,rescue=nologreplay"}[kind]
        mounted = mount("-t", kind, "-o", untouched, node, root)
        if mounted.returncode == 0 and os.path.exists(f"{root}/{SEAL_MARK}"):
            mount("-t", "proc", "proc", f"{root}/proc")
            mount("--rbind", "/dev", f"{root}/dev")
            # Somewhere to write for scripts: the disk itself is read-only.
            mount("-t", "tmpfs", "tmp", f"{root}/tmp")
            os.chroot(root)
            os.chdir("/")
            return
        looked.append(f"{node} ({tail(mounted.stderr) if mounted.returncode else 'no sealed appliance'})")
    raise CannotAnswer(f"no sealed disk is attached: {', '.join(looked) or 'there is no further disk with a file system'}")


# Starting a service


def masked(text, values=()):
    """Takes secrets out of a log line: the known values, and whatever stands behind a name that sounds like one."""
    for value in values:
        text = text.replace(value, "***")
    text = re.sub(r"(://[^\s:/@]*:)[^\s@]+@", r"\1***@", text)
    text = re.sub(r"(\b[\w.-]+:)[^\s@:]+@(tcp|unix)\(", r"\1***@\2(", text)
    return re.sub(rf"(?i)({SECRET_NAME}[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&]+", r"\1***", text)


def secret_values(unit):
    """Values of the unit's environment whose names sound secret, so that its log can be shown."""
    shown = unit_properties(unit, ["Environment", "EnvironmentFiles"])
    pairs = [word.partition("=")[::2] for word in shown.get("Environment", "").split()]
    for path in re.findall(r"(/\S+) \(ignore_errors", shown.get("EnvironmentFiles", "")):
        try:
            pairs.extend(environment_lines(path))
        except OSError:
            continue
    return [value for name, value in pairs if len(value) >= 6 and re.fullmatch(SECRET_NAME, name, re.IGNORECASE)]


def unit_state(unit):
    names = ["LoadState", "ActiveState", "SubState", "Result", "NRestarts", "MainPID", "ExecMainCode", "ExecMainStatus"]
    shown = unit_properties(unit, names)
    return {
        "load": shown.get("LoadState", ""),
        "active": shown.get("ActiveState", ""),
        "sub": shown.get("SubState", ""),
        "result": shown.get("Result", ""),
        "restarts": number(shown.get("NRestarts", "")),
        "mainPid": number(shown.get("MainPID", "")),
        "exitStatus": number(shown.get("ExecMainStatus", "")),
        "killed": number(shown.get("ExecMainCode", "")) in (2, 3),
    }


def gate_of_http(gate):
    seen = probe_http(gate)
    if seen["status"] is None:
        return False, seen["error"]
    evidence = f"HTTP {seen['status']}"
    fields = seen.get("json")
    fields = fields if isinstance(fields, dict) else {}
    shown = [f"{name}={json.dumps(fields[name])}" for name in gate.get("json", {}) if name in fields]
    missing = [f"no {name}" for name in gate.get("json", {}) if name not in fields]
    held = seen["status"] == gate["status"] and all(
        name in fields and fields[name] == value for name, value in gate.get("json", {}).items()
    )
    return held, ", ".join([evidence, *shown, *missing])


def gate_of_socket(gate):
    addresses = probe_listen({"port": gate["port"]})["addresses"]
    # One IPv6 socket serves both families unless the system says otherwise, and shows as :: alone.
    wanted = {"0.0.0.0", "::"} if gate["address"] in ("0.0.0.0", "::") else {gate["address"]}
    if wanted & set(addresses):
        return True, f"listens on port {gate['port']} at {', '.join(addresses)}"
    if addresses:
        return False, f"port {gate['port']} listens on {', '.join(addresses)} instead of {gate['address']}"
    return False, f"nothing listens on port {gate['port']}"


def gate_of_sql(gate):
    seen = database_rows(gate["database"], gate["query"], HTTP_SECONDS)
    if "error" in seen:
        return False, seen["error"]
    values = [str(value) for row in seen["rows"][:1] for value in row.values()]
    return values[:1] == [gate["equals"]], f"SQL answered {values[0] if values else 'no row'}"


def gate_of_unit(gate, state):
    wanted = {"active": ("active", None), "exited": ("active", "exited")}[gate["state"]]
    held = state["active"] == wanted[0] and wanted[1] in (None, state["sub"])
    return held, f"{state['active']} ({state['sub']})"


def look_at_gate(gate, state):
    try:
        if gate["kind"] == "unit":
            return gate_of_unit(gate, state)
        return {"http": gate_of_http, "socket": gate_of_socket, "sql": gate_of_sql}[gate["kind"]](gate)
    except CannotAnswer as error:
        return False, str(error)


def died(first, now):
    """Why the service cannot be counted as running any more; None while it can."""
    if now["active"] == "failed":
        return "failed"
    if now["restarts"] > first["restarts"]:
        return "restarted"
    if first["mainPid"] and now["mainPid"] and now["mainPid"] != first["mainPid"]:
        return "replaced"
    if first["mainPid"] and not now["mainPid"] and now["sub"] != "exited":
        return "ended"
    return None


def last_lines(unit):
    try:
        values = secret_values(unit)
        # What a service says as it dies may still be on its way to the journal.
        run(["journalctl", "--sync"])
        shown = run(["journalctl", f"--unit={unit}", f"--lines={LOG_LINES}", "--no-pager", "--output=cat"])
        return [masked(line, values)[:400] for line in shown.stdout.splitlines()][-LOG_LINES:]
    except CannotAnswer as error:
        return [f"(no log: {error})"]


def start(request):
    if request.get("enable"):
        enabled = run(["systemctl", "enable", request["unit"]])
        if enabled.returncode != 0:
            return f"systemctl enable: {tail(enabled.stderr)}"
    try:
        started = run(["systemctl", "start", request["unit"]], seconds=request["gate"]["timeoutSeconds"])
    except CannotAnswer as error:
        return str(error)
    return f"systemctl start: {tail(started.stderr)}" if started.returncode != 0 else None


def wait_for_gate(request, first, deadline):
    while True:
        state = unit_state(request["unit"])
        held, evidence = look_at_gate(request["gate"], state)
        gone = died(first, state)
        if gone or held or time.monotonic() >= deadline:
            return {"held": held and not gone, "died": gone, "evidence": evidence, "state": state}
        time.sleep(POLL_SECONDS)


def watch(request, first, ready):
    """A service may answer once and then die: it is watched for a while, and asked again at the end."""
    deadline = time.monotonic() + request["watchSeconds"]
    state = ready["state"]
    while time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        state = unit_state(request["unit"])
        gone = died(first, state)
        if gone:
            return {**ready, "held": False, "died": gone, "state": state}
    held, evidence = look_at_gate(request["gate"], state)
    return {**ready, "held": held, "evidence": evidence, "state": state}


def service(request):
    began = time.monotonic()
    refused = start(request)
    first = unit_state(request["unit"])
    if refused:
        outcome = {"held": False, "died": None, "evidence": "", "state": first, "refused": masked(refused)}
    else:
        outcome = wait_for_gate(request, first, began + request["gate"]["timeoutSeconds"])
    outcome["readySeconds"] = round(time.monotonic() - began, 2)
    if outcome["held"]:
        outcome = watch(request, first, outcome)
    outcome["first"] = first
    outcome["log"] = [] if outcome["held"] else last_lines(request["unit"])
    return outcome


def main():
    request = json.loads(sys.stdin.buffer.read())
    try:
        if request.get("disk"):
            enter_sealed_disk()
            ON_DISK.append(True)
        if "service" in request:
            answer = {"service": service(request["service"])}
        elif "checks" in request:
            answer = {"verdicts": verdicts_of(request["checks"])}
        else:
            answer = {"answers": answers_of(request["probes"])}
    except CannotAnswer as error:
        sys.exit(str(error))
    json.dump(answer, sys.stdout)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
