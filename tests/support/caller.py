"""A caller who does just what a test says, in the very moment that it says so."""

from __future__ import annotations

import asyncio
import secrets
import struct
from contextlib import suppress

from callcenter.drill import sip, tone


class Caller(asyncio.DatagramProtocol):
    """One call over UDP from an address that Asterisk takes for a trunk."""

    def __init__(self, target: tuple[str, int], number: str) -> None:
        self._target, self._number = target, number
        self._call_id, self._tag, self._branch = secrets.token_hex(8), secrets.token_hex(4), secrets.token_hex(8)
        self._leaving = False
        self._sequence, self._to, self._contact = 1, f"<sip:{number}@{target[0]}>", ""
        self._audio = self._packets = 0
        """The port where Asterisk listens to us."""
        self.answered, self.over = asyncio.Event(), asyncio.Event()
        self.hears_call = asyncio.Event()
        """Something has answered the INVITE, be it only a 100."""

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self._port = self._transport.get_extra_info("sockname")[1]

    def dial(self, port: int = 9) -> None:
        """``port``: where somebody listens; at the usual one nobody does."""
        self._send("INVITE", self._uri, body=sip.sdp("127.0.0.1", port))

    @property
    def sound(self) -> tuple[str, int]:
        """Where Asterisk listens to us, once it has answered."""
        return self._target[0], self._audio

    def press(self, digit: str) -> None:
        self._sequence += 1
        self._send("INFO", self._contact, body=f"Signal={digit}\r\nDuration=100\r\n", kind="application/dtmf-relay")

    async def speak(self, seconds: float, hz: int = tone.CALLER_HZ, amplitude: int = 12000) -> None:
        """Send a tone in real time, as a telephone does (RTP, A-law)."""
        loop = asyncio.get_running_loop()
        sound, begun, ssrc = tone.packet(hz, amplitude), loop.time(), secrets.randbits(32)
        for number in range(round(seconds * 50)):
            self._packets += 1
            head = struct.pack(">BBHII", 0x80, 8, self._packets & 0xFFFF, self._packets * tone.PACKET, ssrc)
            self._transport.sendto(head + sound, (self._target[0], self._audio))
            await asyncio.sleep(max(0.0, begun + (number + 1) * 0.02 - loop.time()))

    def hang_up(self) -> None:
        """BYE if answered, else CANCEL; an answer that crosses a CANCEL is ended by a BYE (RFC 3261, 9.1)."""
        self._leaving = True
        if self.answered.is_set():
            self._sequence += 1
            self._send("BYE", self._contact)
        else:
            self._send("CANCEL", self._uri)

    def close(self) -> None:
        self._transport.close()

    @property
    def _uri(self) -> str:
        return f"sip:{self._number}@{self._target[0]}:{self._target[1]}"

    def _send(self, method: str, uri: str, *, body: str = "", kind: str = "") -> None:
        branch = self._branch if method in ("INVITE", "CANCEL") else secrets.token_hex(8)
        headers = [
            ("Via", f"SIP/2.0/UDP 127.0.0.1:{self._port};branch=z9hG4bK{branch};rport"),
            ("From", f"<sip:13800000009@127.0.0.1:{self._port}>;tag={self._tag}"),
            ("To", self._to),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._sequence} {method}"),
            ("Contact", f"<sip:caller@127.0.0.1:{self._port}>"),
            ("Max-Forwards", "70"),
        ]
        made = sip.render(f"{method} {uri} SIP/2.0", headers, body)
        if kind:
            made = made.replace(b"application/sdp", kind.encode())
        self._transport.sendto(made, self._target)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        with suppress(ValueError):
            message = sip.parse(data)
            method = message.get("CSeq").split(" ")[-1]
            if message.method == "BYE":
                self._transport.sendto(sip.answer(message, "200 OK", self._tag), addr)
                self.over.set()
            elif message.status and method == "INVITE":
                self._invited(message)
            elif message.status >= 200 and method == "BYE":
                self.over.set()

    def _invited(self, message: sip.Message) -> None:
        self.hears_call.set()
        if message.status < 200:
            return
        self._to = message.get("To")
        if message.status == 200:
            self._contact = message.get("Contact").strip("<>").split(">")[0]
            self._audio = int(message.body.partition("m=audio ")[2].split(" ", 1)[0])
            self._send("ACK", self._contact)
            self.answered.set()
            if self._leaving:
                self.hang_up()
        else:
            self._send("ACK", self._uri)
            self.over.set()
