"""The little of SIP that a desk phone needs: messages as text, digest answers, SDP. Pure.

Sources: RFC 3261 (messages), RFC 8760/2617 (digest with MD5), RFC 4566 (SDP).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


@dataclass(frozen=True, slots=True)
class Message:
    """One request or answer. ``headers`` keeps order and repeats; names are as they came."""

    first: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def method(self) -> str:
        """The request's method; empty for an answer."""
        return "" if self.first.startswith("SIP/2.0") else self.first.split(" ", 1)[0]

    @property
    def status(self) -> int:
        """The answer's status; 0 for a request."""
        return int(self.first.split(" ", 2)[1]) if self.first.startswith("SIP/2.0") else 0

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: str) -> str:
        """The first value of a header; empty when there is none."""
        found = self.all(name)
        return found[0] if found else ""

    @property
    def user(self) -> str:
        """The user part of the request's address."""
        return user_of(self.first)


def user_of(text: str) -> str:
    """The user part of the first SIP address in a text; empty when there is none."""
    found = re.search(r"sips?:([^@;>]+)@", text)
    return found.group(1) if found else ""


def parse(datagram: bytes) -> Message:
    """Raises ValueError for what is no SIP message."""
    head, _, body = datagram.decode("utf-8", errors="replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    if "SIP/2.0" not in first:
        raise ValueError("not a SIP message")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name.strip(), value.strip()))
    return Message(first, tuple(headers), body)


def render(first: str, headers: list[tuple[str, str]], body: str = "") -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    if body:
        lines.append("Content-Type: application/sdp")
    lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def answer(request: Message, status: str, tag: str, contact: str = "", body: str = "") -> bytes:
    """An answer to a request; ``tag`` is ours, ``status`` e.g. ``"180 Ringing"``."""
    to = request.get("To")
    headers = [("Via", via) for via in request.all("Via")]
    headers += [("Record-Route", route) for route in request.all("Record-Route")]
    headers += [
        ("From", request.get("From")),
        ("To", to if "tag=" in to else f"{to};tag={tag}"),
        ("Call-ID", request.get("Call-ID")),
        ("CSeq", request.get("CSeq")),
    ]
    if contact:
        headers.append(("Contact", f"<{contact}>"))
    return render(f"SIP/2.0 {status}", headers, body)


def digest(challenge: str, *, method: str, uri: str, user: str, password: str, cnonce: str) -> str:
    """The Authorization header that answers a ``WWW-Authenticate`` challenge (MD5, qop auth or none)."""
    asked = {name: quoted or plain for name, quoted, plain in _PARAMETER.findall(challenge)}
    realm, nonce = asked["realm"], asked["nonce"]
    one = _md5(f"{user}:{realm}:{password}")
    two = _md5(f"{method}:{uri}")
    fields = f'username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm=MD5'
    if "opaque" in asked:
        fields += f', opaque="{asked["opaque"]}"'
    if "auth" in asked.get("qop", "").split(","):
        response = _md5(f"{one}:{nonce}:00000001:{cnonce}:auth:{two}")
        return f'Digest {fields}, response="{response}", qop=auth, nc=00000001, cnonce="{cnonce}"'
    return f'Digest {fields}, response="{_md5(f"{one}:{nonce}:{two}")}"'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()  # what SIP's digest asks for


def sdp(host: str, port: int) -> str:
    """An offer or answer of A-law and nothing else."""
    return (
        f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=ptime:20\r\na=sendrecv\r\n"
    )


def media_address(body: str) -> tuple[str, int] | None:
    """Where an SDP wants its audio sent; None when it has none."""
    host = re.search(r"^c=IN IP4 (\S+)", body, re.MULTILINE)
    port = re.search(r"^m=audio (\d+) ", body, re.MULTILINE)
    return (host.group(1), int(port.group(1))) if host and port and int(port.group(1)) else None
