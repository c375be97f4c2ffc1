"""The far side of the demo trunk: a telephone outside that does what a test says."""

from __future__ import annotations

import asyncio
import secrets
import struct
from contextlib import suppress

from callcenter.drill import sip, tone


class Far(asyncio.DatagramProtocol):
    """Rings on every INVITE, then follows ``manner``: ``answer``, ``busy``, ``reject`` or ``silent``. With ``mute`` it
    does not even ring by itself."""

    def __init__(self, port: int, manner: str = "answer") -> None:
        self.port, self.manner = port, manner
        self.invites: list[sip.Message] = []
        """One for each call, in order."""
        self.rang, self.answered, self.over = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._tag, self._peer = secrets.token_hex(4), ("", 0)

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", self.port))

    def close(self) -> None:
        self._transport.close()

    @property
    def numbers(self) -> list[str]:
        return [each.user for each in self.invites]

    def hang_up(self) -> None:
        invite = self.invites[-1]
        target = invite.get("Contact").strip("<>").split(">")[0]
        headers = [
            ("Via", f"SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{secrets.token_hex(8)};rport"),
            ("From", f"{invite.get('To')};tag={self._tag}"),
            ("To", invite.get("From")),
            ("Call-ID", invite.get("Call-ID")),
            ("CSeq", "1 BYE"),
            ("Max-Forwards", "70"),
        ]
        self._transport.sendto(sip.render(f"BYE {target} SIP/2.0", headers), self._peer)

    def pick_up(self) -> None:
        self._say("200 OK", body=sip.sdp("127.0.0.1", 9))
        self.answered.set()

    def decline(self) -> None:
        self._say("603 Decline")

    async def speak(self, seconds: float, hz: int) -> None:
        """Send a tone to where Asterisk listens, in real time (RTP, A-law)."""
        loop = asyncio.get_running_loop()
        port = int(self.invites[-1].body.partition("m=audio ")[2].split(" ", 1)[0])
        sound, begun, ssrc = tone.packet(hz), loop.time(), secrets.randbits(32)
        for number in range(round(seconds * 50)):
            head = struct.pack(">BBHII", 0x80, 8, number, number * tone.PACKET, ssrc)
            self._transport.sendto(head + sound, (self._peer[0], port))
            await asyncio.sleep(max(0.0, begun + (number + 1) * 0.02 - loop.time()))

    def ring(self) -> None:
        self._say("180 Ringing")
        self.rang.set()

    def _say(self, status: str, *, body: str = "") -> None:
        contact = f"sip:far@127.0.0.1:{self.port}"
        self._transport.sendto(sip.answer(self.invites[-1], status, self._tag, contact, body), self._peer)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        with suppress(ValueError):
            message = sip.parse(data)
            if message.method == "INVITE":
                self._invited(message, addr)
            elif message.method in ("BYE", "CANCEL"):
                self._transport.sendto(sip.answer(message, "200 OK", self._tag), addr)
                if message.method == "CANCEL":
                    self._say("487 Request Terminated")
                self.over.set()
            elif message.status >= 200:
                self.over.set()

    def _invited(self, message: sip.Message, addr: tuple[str, int]) -> None:
        if any(each.get("Call-ID") == message.get("Call-ID") for each in self.invites):
            return  # a repeat
        self.invites.append(message)
        self._peer = addr
        if self.manner != "mute":
            self.ring()
        match self.manner:
            case "answer":
                self.pick_up()
            case "busy":
                self._say("486 Busy Here")
            case "reject":
                self.decline()
            case _:
                pass
