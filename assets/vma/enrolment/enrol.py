"""
Enrols this VMA with an OMA. A new key is made; the pairing code proves each side to the other without being sent; then
the OMA's operator has the last word. Until that word nothing of a former enrolment changes.

Everything goes through SSH at port 443: sshd sees this VMA prove its key, and the host key that the OMA shows is pinned
once the OMA has proved that it knows the code.
"""

import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path[:0] = ["/usr/local/lib/ossea/tunnel", "/usr/local/lib/ossea/enrolment"]

import enrolment
import proof

USER = "vma"
VERSION_FACTS = "/etc/ossea/build.json"
POLL_SECONDS = 3
# The OMA gives its operator an hour.
LONGEST_SECONDS = 3600
UNREACHABLE = (
    ("Connection refused", "nobody listens on port 443 of {host}"),
    ("timed out", "{host} does not answer on port 443: is it up, and does every firewall on the way let it through?"),
    ("No route to host", "there is no way to {host}: look at address and gateway of this VMA"),
    ("Network is unreachable", "there is no way to {host}: look at address and gateway of this VMA"),
    ("Could not resolve hostname", "the name servers do not know {host}"),
    ("Permission denied", "{host} takes no enrolments: its sshd does not know vma_enrol"),
    ("HOST IDENTIFICATION HAS CHANGED", "{host} shows another host key than a moment ago: somebody stands between"),
    ("Host key verification failed", "{host} shows another host key than a moment ago: somebody stands between"),
)


class Failed(Exception):
    """Why this VMA is not enrolled, in words for an operator."""


class Enrolling:
    """One attempt, from its new key to its end. `close` removes what is left of it."""

    def __init__(self, host):
        if not enrolment.HOST.fullmatch(host):
            raise Failed(f"{host} is neither an address nor a name")
        self.host = host
        # Beside its final place, and nobody else's.
        self.folder = tempfile.mkdtemp(prefix=".enrolling-", dir=enrolment.FOLDER)
        self.key, self.known_hosts = os.path.join(self.folder, "key"), os.path.join(self.folder, "known_hosts")
        self.identifier = None
        try:
            ran("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"vma {socket.gethostname()}", "-f", self.key)
        except Failed:
            self.close()
            raise

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def public_key(self):
        return first_words(f"{self.key}.pub")

    @property
    def fingerprint(self):
        return ran("ssh-keygen", "-l", "-f", f"{self.key}.pub").split()[1]

    def ask(self, request):
        """One question over SSH. The first one notes the host key; with another one later on ssh ends."""
        done = subprocess.run(
            [
                "ssh", "-F", "none", "-T", "-p", "443", "-i", self.key,
                "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "PreferredAuthentications=publickey",
                "-o", "HostKeyAlgorithms=ssh-ed25519", "-o", "HostKeyAlias=oma", "-o", "UpdateHostKeys=no",
                "-o", f"UserKnownHostsFile={self.known_hosts}", "-o", "GlobalKnownHostsFile=none",
                "-o", "StrictHostKeyChecking=accept-new", "-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=10",
                "-o", "LogLevel=ERROR", f"vma_enrol@{self.host}",
            ],
            input=json.dumps(request) + "\n", capture_output=True, text=True, check=False)
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            raise Failed(unreachable(self.host, done.stderr)) from None
        if "error" in answer:
            raise Failed(f"{self.host} says: {answer['error']}")
        return answer

    def begin(self, code):
        """Shows the code's proof, checks the OMA's, and signs its challenge. The OMA's operator is asked after that."""
        code_key, nonce = proof.code_key(code), secrets.token_hex(32)
        self.note_host_key()
        host_key = first_words(self.known_hosts, skip=1)
        if not proof.KEY_LINE.fullmatch(host_key):
            raise Failed(f"the host key of {self.host} could not be written down: is the disk full?")
        answer = self.ask({
            "request": "enroll", "vma_name": socket.gethostname(), "vma_version": version(), "nonce": nonce,
            "proof": proof.of_vma(code_key, nonce, self.public_key, host_key)})
        self.identifier = answer["enrollment_id"]
        expected = proof.of_oma(code_key, nonce, self.public_key, host_key, self.identifier, answer["challenge"])
        if not proof.same(expected, answer["proof"]):
            raise Failed(f"{self.host} does not know the pairing code itself: it is not the OMA that made it")
        self.ask({"request": "verify", "enrollment_id": self.identifier, "signature": self.signature(answer["challenge"])})

    def note_host_key(self):
        """A proof is bound to the host key, so that must be known before the first question."""
        try:
            self.ask({"request": "result", "enrollment_id": "none"})
        except Failed as failed:
            if not os.path.exists(self.known_hosts):
                raise failed from None

    def signature(self, challenge):
        return ran("ssh-keygen", "-Y", "sign", "-f", self.key, "-n", proof.SIGNATURE_NAMESPACE, given=challenge)

    def result(self):
        """The operator's word: None while there is none, else the port that is this VMA's. Raises Failed for a no."""
        answer = self.ask({"request": "result", "enrollment_id": self.identifier})
        match answer["status"]:
            case "approved":
                return answer["remote_port"]
            case "rejected":
                raise Failed("the OMA's operator rejected this VMA")
            case "expired":
                raise Failed("nobody approved this VMA in time; enrol it again with a new pairing code")
        return None

    def keep(self, remote_port):
        """
        The new enrolment takes the place of the former one, and the tunnel goes to the new OMA. Everything is written
        before anything is replaced: a full disk leaves the former one as it was.
        """
        owner = pwd.getpwnam(USER)
        settings = enrolment.Enrolment(self.host, remote_port, self.identifier)
        draft = f"{enrolment.CONFIG}.new"
        with open(draft, "w", encoding="utf-8") as file:
            file.write(enrolment.text_of(settings))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(draft, 0o644)
        for source, target, mode in (
            (self.key, enrolment.KEY, 0o600),
            (f"{self.key}.pub", f"{enrolment.KEY}.pub", 0o644),
            (self.known_hosts, enrolment.KNOWN_HOSTS, 0o644),
        ):
            os.chmod(source, mode)
            os.chown(source, owner.pw_uid, owner.pw_gid)
            os.replace(source, target)
        os.replace(draft, enrolment.CONFIG)
        ran("systemctl", "restart", "vma-ssh-tunnel.service")


def first_words(path, skip=0):
    """Type and key of a line of a key file, or of one of known hosts without its host."""
    with open(path, encoding="ascii") as file:
        words = file.read().split()
    return " ".join(words[skip : skip + 2])


def version():
    try:
        with open(VERSION_FACTS, encoding="utf-8") as file:
            return json.load(file)["digest"]
    except (OSError, ValueError, KeyError):
        return "unknown"


def unreachable(host, said):
    text = " ".join(said.split())
    found = next((told for words, told in UNREACHABLE if words in text), "")
    return found.format(host=host) if found else f"{host} gave no answer: {text or 'ssh ended without a word'}"


def ran(*command, given=None):
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise Failed(f"{command[0]}: {said[-1] if said else f'exit status {done.returncode}'}")
    return done.stdout


def enrol(host, code_text, told, waited=time.sleep):
    """
    The whole way. `told` gets each step's words; `waited` is called with seconds between two looks, and whatever it
    raises ends the attempt. Returns the port.
    """
    code = proof.normalized(code_text)
    if code is None:
        raise Failed("a pairing code has three groups of four letters and digits: XXXX-XXXX-XXXX")
    try:
        return enrolled(Enrolling(host), code, told, waited)
    except OSError as error:
        raise Failed(f"{error.filename or 'this VMA'}: {error.strerror}") from error


def enrolled(attempt, code, told, waited):
    try:
        told(f"The key of this VMA: {attempt.fingerprint}")
        attempt.begin(code)
        told("The OMA knows the code, and its host key is pinned. Its operator is asked now.")
        until = time.monotonic() + LONGEST_SECONDS
        while (port := attempt.result()) is None:
            if time.monotonic() > until:
                raise Failed("nobody approved this VMA within an hour; enrol it again with a new pairing code")
            waited(POLL_SECONDS)
        attempt.keep(port)
        told(f"Approved. Port {port} of the OMA leads to this VMA.")
        return port
    finally:
        attempt.close()
