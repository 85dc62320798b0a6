#!/usr/bin/env bash
# Reads a sector of the dummy export as a VMA reads a disk: {"bytes": 512}.
set -euo pipefail

python3 - <<'PYTHON'
import json
import socket
import struct

NEW_STYLE, NO_ZEROES, EXPORT_NAME, READ = 1, 2, 1, 0
REQUEST, REPLY = 0x25609513, 0x67446698
SECTOR = 512


def receive(server, length):
    text = b""
    while len(text) < length:
        piece = server.recv(length - len(text))
        if not piece:
            raise OSError("closed")
        text += piece
    return text


def read_sector(name):
    with socket.create_connection(("127.0.0.1", 10809), timeout=5) as server:
        receive(server, 18)
        server.sendall(struct.pack(">I", NEW_STYLE | NO_ZEROES))
        server.sendall(b"IHAVEOPT" + struct.pack(">II", EXPORT_NAME, len(name)) + name)
        receive(server, 10)
        server.sendall(struct.pack(">IHHQQI", REQUEST, 0, READ, 1, 0, SECTOR))
        magic, fault, _handle = struct.unpack(">IIQ", receive(server, 16))
        return len(receive(server, SECTOR)) if (magic, fault) == (REPLY, 0) else 0


try:
    print(json.dumps({"bytes": read_sector(b"dummy")}))
except OSError as error:
    print(json.dumps({"bytes": 0, "reason": str(error)}))
PYTHON
