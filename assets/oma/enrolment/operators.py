"""Asks the enrolment service what an operator may ask it."""

import json
import os
import socket

SOCKET = "/run/ossea-enrolment/operators.sock"
SECONDS = 20


class Unanswered(Exception):
    """Why there is no answer, in words for an operator."""


def ask(request):
    by = os.environ.get("SUDO_USER") or "root"
    try:
        with socket.socket(socket.AF_UNIX) as service:
            service.settimeout(SECONDS)
            service.connect(SOCKET)
            service.sendall(json.dumps({"by": by} | request).encode() + b"\n")
            answer = json.loads(service.makefile("rb").readline())
    except (OSError, ValueError) as error:
        raise Unanswered("the enrolment service does not answer: systemctl status ossea-enrolment") from error
    if "error" in answer:
        raise Unanswered(answer["error"])
    return answer
