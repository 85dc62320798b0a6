#!/usr/bin/env python3
"""
Keeps the tunnel to the OMA up: one ssh at a time, started again with growing pauses, and ended when the enrolment is
another one. Without an enrolment it waits for one. SIGHUP reads the enrolment again; SIGTERM ends it and its ssh.

What it does now stands in STATE as JSON: {"state": "not enrolled" | "connecting" | "waiting", "host", "fault"}.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import enrolment

STATE = os.path.join(os.environ.get("RUNTIME_DIRECTORY", "/run/vma-tunnel"), "state.json")
SSH_CONFIG = os.environ.get("VMA_TUNNEL_SSH_CONFIG", "/etc/ossea/tunnel/ssh_config")
PAUSES = (2, 4, 8, 15, 30, 60)
# A tunnel that held so long was a good one: the next pause is the first again.
STEADY_SECONDS = 60
ENDING_SECONDS = 5
# Words of ssh -> what they mean here.
MEANINGS = (
    ("HOST IDENTIFICATION HAS CHANGED", "the OMA shows another host key than at the enrolment: find out why before you enrol again"),
    ("Host key verification failed", "the OMA shows another host key than at the enrolment: find out why before you enrol again"),
    ("Permission denied", "the OMA does not accept this VMA's key: it is not approved, or was revoked"),
    ("remote port forwarding failed", "this VMA's port on the OMA is taken by another session"),
    ("Could not resolve hostname", "the OMA's name is not known to the name servers"),
    ("Connection refused", "nobody listens on port 443 of the OMA"),
    ("timed out", "the OMA does not answer on port 443: is it up, and does every firewall on the way let it through?"),
    ("No route to host", "there is no way to the OMA: look at address and gateway"),
    ("Network is unreachable", "there is no way to the OMA: look at address and gateway"),
    ("Address already in use", "a forwarded port of this VMA is taken by another program"),
)


def meaning(said):
    """The last words of ssh, and what they mean."""
    text = " ".join(said.split())
    found = next((told for words, told in MEANINGS if words in text), "")
    return found or text or "ssh ended without a word"


def command(settings):
    return [
        "ssh", "-F", SSH_CONFIG, "-o", f"HostName={settings.host}",
        "-R", f"127.0.0.1:{settings.remote_port}:127.0.0.1:8081", "oma",
    ]


class Tunnel:
    def __init__(self):
        self.events = queue.Queue()
        self.child = None
        self.attempt = 0
        self.told = None
        for number, name in ((signal.SIGHUP, "reload"), (signal.SIGTERM, "end"), (signal.SIGINT, "end")):
            signal.signal(number, lambda _number, _frame, name=name: self.events.put((name, None)))

    def run(self):
        while True:
            try:
                settings = enrolment.read()
            except enrolment.Malformed as fault:
                self.tell("waiting", fault=str(fault))
                settings = None
            else:
                if settings is None:
                    self.tell("not enrolled")
            name = self.hold(settings) if settings else self.wait(None)
            if name == "end":
                return

    def hold(self, settings):
        """One ssh from its start to its end, and the pause behind it. "end", or "again"."""
        self.tell("connecting", settings.host)
        began = time.monotonic()
        self.child = subprocess.Popen(
            command(settings), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self.watch, args=(self.child,), daemon=True).start()
        name = self.wait(None)
        self.stop_child()
        if name in ("end", "reload"):
            self.attempt = 0
            return name
        if time.monotonic() - began > STEADY_SECONDS:
            self.attempt = 0
        pause = PAUSES[min(self.attempt, len(PAUSES) - 1)]
        self.attempt += 1
        self.tell("waiting", settings.host, meaning(name), pause)
        return self.wait(pause)

    def watch(self, child):
        said = child.stderr.read()
        child.wait()
        if child is self.child:
            self.events.put((said, child))

    def wait(self, seconds):
        """What happens next: "reload", "end", the last words of the ssh that runs, or "again" when the time is over."""
        while True:
            try:
                name, child = self.events.get(timeout=seconds)
            except queue.Empty:
                return "again"
            # One that was ended before has nothing to say any more.
            if child is None or child is self.child:
                return name

    def stop_child(self):
        child, self.child = self.child, None
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def tell(self, state, host="", fault="", pause=0):
        words = f"{state} {host}".strip() + (f": {fault}" if fault else "") + (f"; again in {pause} s" if pause else "")
        if words != self.told:
            print(words, file=sys.stderr, flush=True)
            self.told = words
        draft = f"{STATE}.new"
        with open(draft, "w", encoding="utf-8") as file:
            json.dump({"state": state, "host": host, "fault": fault}, file)
        os.replace(draft, STATE)


if __name__ == "__main__":
    Tunnel().run()
