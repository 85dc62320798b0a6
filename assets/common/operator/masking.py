"""Takes secrets out of texts that leave the machine."""

import base64
import re
import urllib.parse

MASK = "[masked]"
# A shorter value would mask words that mean nothing.
SHORTEST = 8
PATTERNS = (
    # Keys in PEM form, whole.
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S), MASK),
    # NAME=value and "name": "value", where the name says what it is.
    (
        re.compile(
            r"""(?ix)(["']?[\w.-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|encryption[_-]?key|private[_-]?key)["']?
            \s*[=:]\s*)("[^"\n]*"|'[^'\n]*'|[^\s,;&]+)"""
        ),
        rf"\1{MASK}",
    ),
    # user:password@ in addresses of every kind.
    (re.compile(r"([\w.%+-]+:)[^\s:@/]+(@(?:tcp\(|[\w.\[-]))"), rf"\1{MASK}\2"),
    (re.compile(r"(?i)(authorization:\s*(?:basic|bearer)\s+)\S+"), rf"\1{MASK}"),
)


def values_of_environment(text):
    """The values of an environment file, and the passwords inside those that are addresses."""
    found = []
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if not equals or name.lstrip().startswith("#"):
            continue
        found.append(value.strip().strip("\"'"))
        found += re.findall(r"[\w.%+-]+:([^\s:@/]+)@", value)
    return [value for value in found if len(value) >= SHORTEST]


def spellings(secret):
    """As it stands in files, in URLs and in JSON."""
    return {
        secret,
        urllib.parse.quote(secret, safe=""),
        base64.b64encode(secret.encode()).decode(),
        secret.replace("/", "\\/"),
    }


class Masking:
    def __init__(self, secrets):
        self.known = sorted({form for secret in secrets for form in spellings(secret)}, key=len, reverse=True)

    def masked(self, text):
        for secret in self.known:
            text = text.replace(secret, MASK)
        for pattern, replacement in PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def leaks(self, content):
        """Whether one of the known secrets stands in these bytes."""
        return any(secret.encode() in content for secret in self.known)
