"""Prints which of the ports answer: scan.py ADDRESS PORT... -> "22 443"."""

import concurrent.futures
import socket
import sys

address, *ports = sys.argv[1:]


def answers(port):
    try:
        with socket.create_connection((address, int(port)), timeout=3):
            return True
    except OSError:
        return False


with concurrent.futures.ThreadPoolExecutor(len(ports)) as pool:
    print(*(port for port, open_ in zip(ports, pool.map(answers, ports)) if open_))
