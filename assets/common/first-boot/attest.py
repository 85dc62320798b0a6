#!/usr/bin/env python3
"""Signs this machine's SSH host keys with the token that only this instance was told.

Standard input is the instance's user data; its line `ossea-attestation-token: HEX` holds the token. Standard output gets
one line for each host key, `<type> <hex HMAC-SHA256 of "<type> <base64>">`, keyed with the token's bytes; nothing when
there is no token.
"""

import glob
import hashlib
import hmac
import re
import sys


def token_of(user_data):
    found = re.search(r"^ossea-attestation-token:[ \t]*((?:[0-9a-f]{2}){16,})[ \t\r]*$", user_data, re.MULTILINE)
    return bytes.fromhex(found.group(1)) if found else None


def attestation_of(token, key):
    kind, encoded = key.split()[:2]
    digest = hmac.new(token, f"{kind} {encoded}".encode(), hashlib.sha256).hexdigest()
    return f"{kind} {digest}"


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "/etc/ssh"
    token = token_of(sys.stdin.read())
    if token is None:
        return
    for path in sorted(glob.glob(f"{folder}/ssh_host_*_key.pub")):
        with open(path, encoding="utf-8") as key:
            print(attestation_of(token, key.read()))


if __name__ == "__main__":
    main()
