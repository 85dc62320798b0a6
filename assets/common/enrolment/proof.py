"""
How a VMA and an OMA show each other that both were told the same pairing code, without sending it. Each proof is bound
to the VMA's key and to the host key that the VMA saw: whoever stands between the two shows another host key, and neither
proof holds. A code has 62 bits and is good for ten minutes, so nobody finds it from a proof in time.
"""

import hashlib
import hmac
import re
import secrets

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
FORM = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}")
SALT = b"ossea vma enrolment"
KEY_LINE = re.compile(r"ssh-ed25519 [A-Za-z0-9+/]{68}")
# Namespace of the signature by which a VMA shows that it has its key.
SIGNATURE_NAMESPACE = "ossea-vma-enrolment"


def new_code():
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


def normalized(text):
    """As somebody may type it: lower case, blanks for hyphens or nothing at all. None when it is no code."""
    letters = re.sub(r"[\s-]+", "", text.strip().upper())
    code = "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))
    return code if FORM.fullmatch(code) else None


def code_key(code):
    """Slow on purpose: the same for both sides, worked out once for each code."""
    return hashlib.scrypt(code.encode(), salt=SALT, n=2**14, r=8, p=1, dklen=32)


def of_vma(key, nonce, vma_key, host_key):
    return _proof(key, "vma", nonce, vma_key, host_key)


def of_oma(key, nonce, vma_key, host_key, enrolment, challenge):
    return _proof(key, "oma", nonce, vma_key, host_key, enrolment, challenge)


def same(one, other):
    return hmac.compare_digest(one, other)


def _proof(key, *words):
    return hmac.new(key, "\n".join(words).encode(), hashlib.sha256).hexdigest()
