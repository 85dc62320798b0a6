#!/usr/bin/env python3
"""
What a VMA reaches over SSH before it is enrolled: one line of JSON goes to the enrolment service, one comes back. The
service is told from where it came and which key sshd has seen proved.
"""

import json
import os
import signal
import socket
import sys

SOCKET = "/run/ossea-enrolment/door.sock"
LONGEST = 16 * 1024
SECONDS = 20


def refused(words):
    print(json.dumps({"error": words}), flush=True)
    sys.exit(1)


def proved_key():
    with open(os.environ["SSH_USER_AUTH"], encoding="ascii") as file:
        for line in file:
            method, _, key = line.strip().partition(" ")
            if method == "publickey":
                return " ".join(key.split()[:2])
    return ""


def main():
    signal.alarm(SECONDS)
    line = sys.stdin.buffer.readline(LONGEST)
    try:
        asked = json.loads(line)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        refused("the request is no line of JSON")
    asked |= {"key": proved_key(), "address": os.environ.get("SSH_CONNECTION", "").partition(" ")[0]}
    try:
        with socket.socket(socket.AF_UNIX) as service:
            service.settimeout(SECONDS)
            service.connect(SOCKET)
            service.sendall(json.dumps(asked).encode() + b"\n")
            answer = service.makefile("rb").readline(LONGEST)
    except OSError:
        answer = b""
    if not answer:
        refused("the OMA's enrolment service does not answer; on the OMA: systemctl status ossea-enrolment")
    sys.stdout.buffer.write(answer)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
