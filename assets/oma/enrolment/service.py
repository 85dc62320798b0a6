#!/usr/bin/env python3
"""
Enrols VMAs: a pairing code, a key that is proved, an operator's word. It listens on two sockets of this machine alone:
the door, where VMAs' questions come in over SSH, and the operators' (ossea-enrolment, the setup wizard).

A request and its answer are one line of JSON each. Of the door: enroll, verify, result. Of the operators': code, pending,
approve, reject, active, revoke, audit.
"""

import collections
import datetime
import grp
import json
import os
import socketserver
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import keys
import proof
import pymysql
import store
from sessions import Sessions

FOLDER = "/run/ossea-enrolment"
LONGEST = 32 * 1024
HOST_KEY = "/etc/ssh/ssh_host_ed25519_key.pub"
WRONG_AT_MOST = 10
WINDOW_SECONDS = 60


class Refused(Exception):
    """Why not, in words for whoever asked."""


def say(words):
    print(words, file=sys.stderr, flush=True)


def text(asked, name, longest=255):
    value = asked.get(name)
    if not isinstance(value, str) or not value or len(value) > longest or not value.isprintable():
        raise Refused(f"{name} is missing, or no text of up to {longest} characters")
    return value


def fingerprint_of(key):
    done = subprocess.run(["ssh-keygen", "-l", "-f", "-"], input=key, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused("the key is none that SSH knows")
    return done.stdout.split()[1]


def host_key():
    with open(HOST_KEY, encoding="ascii") as file:
        return " ".join(file.read().split()[:2])


class Attempts:
    """Wrong codes of each address. A right one is never kept out by them: its own strength is what protects it."""

    def __init__(self):
        self.wrong = collections.defaultdict(collections.deque)
        self.lock = threading.Lock()

    def note(self, address):
        """Raises Refused when there were too many."""
        now = time.monotonic()
        with self.lock:
            for other in [other for other, times in self.wrong.items() if times[-1] < now - WINDOW_SECONDS]:
                del self.wrong[other]
            times = self.wrong[address]
            while times and times[0] < now - WINDOW_SECONDS:
                times.popleft()
            if len(times) >= WRONG_AT_MOST:
                raise Refused(f"too many wrong pairing codes from {address}: wait a minute")
            times.append(now)
            if len(times) == WRONG_AT_MOST:
                say(f"{address}: {WRONG_AT_MOST} wrong pairing codes within a minute; more are not looked at")


class Service:
    def __init__(self):
        self.sessions = Sessions()
        self.attempts = Attempts()
        self.code_keys = {}
        self.deciding = threading.Lock()

    # Questions of VMAs.

    def enroll(self, asked):
        key, nonce, address = asked["key"], text(asked, "nonce", 64), asked["address"]
        shown = text(asked, "proof", 64)
        if not proof.KEY_LINE.fullmatch(key):
            raise Refused("an enrolment takes an ed25519 key")
        mine = host_key()
        with store.transaction() as cursor:
            code = self.code_of(cursor, lambda known: proof.same(shown, proof.of_vma(known, nonce, key, mine)))
            if code is None:
                self.attempts.note(address)
                raise Refused("no such pairing code, or this OMA's host key is not the one that the VMA saw")
            if code["state"] != "open":
                raise Refused({
                    "used": "this pairing code was used already: each is good for one VMA; make another one",
                    "expired": "this pairing code is over: it is good for ten minutes; make another one",
                }[code["state"]])
            enrolment = store.begin(
                cursor, code["code"], key, fingerprint_of(key), text(asked, "vma_name"), text(asked, "vma_version", 100), address)
            if enrolment is None:
                raise Refused("this pairing code was used already: each is good for one VMA; make another one")
            store.audit(cursor, "enrollment", enrolment, address=address, agent=asked["vma_version"])
        say(f"{address}: {enrolment['vma_name']} asks to be enrolled ({enrolment['id']})")
        answer = proof.of_oma(
            self.code_key(code["code"]), nonce, key, mine, enrolment["id"], enrolment["challenge_nonce"])
        return {"enrollment_id": enrolment["id"], "challenge": enrolment["challenge_nonce"], "proof": answer}

    def verify(self, asked):
        signature = asked.get("signature")
        if not isinstance(signature, str) or len(signature) > 4096:
            raise Refused("the signature is missing")
        with store.transaction() as cursor:
            enrolment = self.own(cursor, asked)
            if enrolment["status"] != "pending_verification":
                raise Refused(f"the enrolment is {enrolment['status'].replace('_', ' ')}")
            if not signed(enrolment, signature):
                say(f"{asked['address']}: a signature that does not fit the key of {enrolment['id']}")
                raise Refused("the signature does not fit the key")
            store.verified(cursor, enrolment)
            store.audit(cursor, "verification", enrolment, address=asked["address"])
        return {"status": "awaiting_approval"}

    def result(self, asked):
        with store.transaction() as cursor:
            enrolment = self.own(cursor, asked)
        answer = {"status": enrolment["status"]}
        if enrolment["status"] == "approved":
            port = keys.port_of(enrolment)
            if port is None:
                raise Refused("this VMA was revoked")
            answer |= {"ssh_user": "vma_tunnel", "remote_port": port}
        return answer

    def own(self, cursor, asked):
        """Only whoever has the key is told anything of its enrolment."""
        enrolment = store.by_id(cursor, text(asked, "enrollment_id", 36))
        if enrolment is None or enrolment["vma_public_key"] != asked["key"]:
            raise Refused("no such enrolment")
        return enrolment

    def code_of(self, cursor, fits):
        return next((code for code in store.codes(cursor) if fits(self.code_key(code["code"]))), None)

    def code_key(self, code):
        if code not in self.code_keys:
            if len(self.code_keys) > 500:
                self.code_keys.clear()
            self.code_keys[code] = proof.code_key(code)
        return self.code_keys[code]

    # Operators' words.

    def code(self, asked):
        code = proof.new_code()
        with store.transaction() as cursor:
            store.add_code(cursor, code, text(asked, "by"))
        self.code_key(code)
        return {"pairing_code": code, "minutes": store.CODE_MINUTES}

    def pending(self, _asked):
        with store.transaction() as cursor:
            return {"pending": [told(each) for each in store.listed(cursor, "awaiting_approval")]}

    def approve(self, asked):
        with self.deciding, store.transaction() as cursor:
            enrolment = self.named(cursor, asked)
            if not store.decided(cursor, enrolment, "approved", text(asked, "by")):
                raise Refused(f"it cannot be approved: it is {enrolment['status'].replace('_', ' ')}")
            try:
                port = keys.free_port()
            except keys.NoPort as error:
                raise Refused(str(error)) from error
            store.audit(cursor, "approval", enrolment, by=asked["by"], port=port, file=keys.name_of(enrolment))
            # Last: whoever is let in stands in the tables by then, or the transaction is taken back with this.
            keys.add(enrolment, port)
        say(f"{enrolment['vma_name']} ({enrolment['id']}) approved by {asked['by']}: port {port}")
        return {"status": "approved", "remote_port": port}

    def reject(self, asked):
        with self.deciding, store.transaction() as cursor:
            enrolment = self.named(cursor, asked)
            if not store.decided(cursor, enrolment, "rejected", text(asked, "by")):
                raise Refused(f"it cannot be rejected: it is {enrolment['status'].replace('_', ' ')}")
            store.audit(cursor, "rejection", enrolment, by=asked["by"])
        say(f"{enrolment['vma_name']} ({enrolment['id']}) rejected by {asked['by']}")
        return {"status": "rejected"}

    def active(self, _asked):
        with store.transaction() as cursor:
            found = store.connections(cursor)
        return {"active": [told(each) | {"remote_port": keys.port_of(each)} for each in found]}

    def revoke(self, asked):
        """First the key goes, so that what is ended cannot come back."""
        with self.deciding, store.transaction() as cursor:
            enrolment = self.named(cursor, asked)
            if not keys.remove(enrolment):
                raise Refused("it is not enrolled, or was revoked before")
            ended = self.sessions.end(enrolment["vma_fingerprint"])
            store.connection(cursor, enrolment, "revoked", text(asked, "by"))
            store.audit(cursor, "revocation", enrolment, by=asked["by"], sessions=ended)
        say(f"{enrolment['vma_name']} ({enrolment['id']}) revoked by {asked['by']}, {ended} sessions ended")
        return {"status": "revoked", "sessions": ended}

    def audit(self, asked):
        count = asked.get("count", 100)
        with store.transaction() as cursor:
            return {"audit": [told(each) for each in store.history(cursor, count if isinstance(count, int) else 100)]}

    def named(self, cursor, asked):
        """By the whole id, or by the beginning of one alone."""
        wanted = text(asked, "enrollment_id", 36)
        found = [each for each in store.listed(cursor, "awaiting_approval", "approved", "rejected", "expired",
                                               "pending_verification") if each["id"].startswith(wanted)]
        if len(found) != 1:
            raise Refused(f"{len(found)} enrolments have an id that begins with {wanted}")
        return found[0]

    # What sshd tells.

    def watch_sessions(self):
        began = time.time()
        for event, fingerprint, address, at in self.sessions.events():
            # What happened before this start stands in the tables already.
            if at < began:
                continue
            try:
                with store.transaction() as cursor:
                    enrolment = store.by_fingerprint(cursor, fingerprint)
                    if enrolment and keys.port_of(enrolment) is not None:
                        store.connection(cursor, enrolment, f"{event[:-3]}ed")
                        store.audit(cursor, event, enrolment, address=address)
            except (pymysql.MySQLError, OSError) as error:
                say(f"{event} of {fingerprint} is not recorded: {error.args[-1]}")
        say("the journal ended")
        os._exit(1)


def signed(enrolment, signature):
    with tempfile.TemporaryDirectory() as folder:
        signers, file = os.path.join(folder, "signers"), os.path.join(folder, "signature")
        with open(signers, "w", encoding="ascii") as out:
            out.write(f"vma {enrolment['vma_public_key']}\n")
        with open(file, "w", encoding="utf-8") as out:
            out.write(signature)
        done = subprocess.run(
            ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", "vma", "-n", proof.SIGNATURE_NAMESPACE, "-s", file],
            input=enrolment["challenge_nonce"], capture_output=True, text=True, check=False)
    return done.returncode == 0


def told(row):
    hidden = ("challenge_nonce", "pairing_code", "vma_public_key")
    return {
        name: value.isoformat(sep=" ") if isinstance(value, datetime.datetime) else value
        for name, value in row.items() if name not in hidden
    }


def handler(acts):
    class Handler(socketserver.StreamRequestHandler):
        timeout = 20

        def handle(self):
            try:
                answer = self.answer(self.rfile.readline(LONGEST))
            except Refused as refused:
                answer = {"error": str(refused)}
            except pymysql.MySQLError as error:
                say(f"the database does not answer: {error.args[-1]}")
                answer = {"error": "the OMA's database does not answer; try again"}
            except OSError as error:
                say(f"{error.filename}: {error.strerror}")
                answer = {"error": f"the OMA cannot write what it must: {error.strerror}"}
            self.wfile.write(json.dumps(answer).encode() + b"\n")

        def answer(self, line):
            try:
                asked = json.loads(line)
            except ValueError as error:
                raise Refused("the request is no JSON") from error
            act = acts.get(asked.get("request")) if isinstance(asked, dict) else None
            if act is None:
                raise Refused(f"the requests are {', '.join(acts)}")
            return act(asked)

    return Handler


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


def listen(name, group, acts):
    path = os.path.join(FOLDER, name)
    if os.path.exists(path):
        os.unlink(path)
    server = Server(path, handler(acts))
    os.chown(path, 0, grp.getgrnam(group).gr_gid)
    os.chmod(path, 0o660)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main():
    service = Service()
    with store.transaction() as cursor:
        store.expire(cursor)
    listen("door.sock", "vma_enrol", {"enroll": service.enroll, "verify": service.verify, "result": service.result})
    listen("operators.sock", "root", {
        "code": service.code, "pending": service.pending, "approve": service.approve, "reject": service.reject,
        "active": service.active, "revoke": service.revoke, "audit": service.audit})
    say("ready")
    service.watch_sessions()


if __name__ == "__main__":
    main()
