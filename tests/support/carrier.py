"""A carrier for tests: a SIP server of one socket that answers OPTIONS and treats calls as it is told."""

from __future__ import annotations

import asyncio
from typing import Any

from callcenter.drill.own import free_ports

_COPIED = ("Via", "From", "To", "Call-ID", "CSeq")


class Carrier(asyncio.DatagramProtocol):
    """``status`` is what it says to an INVITE: 200 answers, 0 says nothing at all. Closed, its port refuses."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.invited: list[str] = []
        self.shown: list[str] = []
        self.port = 0
        self._transport: Any = None
        self._rung = asyncio.Event()

    async def open(self, port: int = 0) -> Carrier:
        """At this port, or at one that nobody else is given meanwhile when it is closed and opened again."""
        loop, at = asyncio.get_running_loop(), ("127.0.0.1", port or free_ports(1)[0])
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=at)
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    def close(self) -> None:
        self._transport.close()

    async def until_invited(self, count: int, timeout_s: float = 10) -> None:
        async with asyncio.timeout(timeout_s):
            while len(self.invited) < count:
                self._rung.clear()
                await self._rung.wait()

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        head, _, body = data.decode(errors="replace").partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        method, _, target = first.partition(" ")
        fields = [line for line in lines if line.partition(":")[0] in _COPIED]
        match method:
            case "OPTIONS" | "BYE" | "CANCEL" | "REGISTER":
                self._say(200, fields, addr)
            case "INVITE":
                if not any(";tag=ours" in line for line in fields if line.startswith("To")):
                    self.invited.append(target.partition(":")[2].partition("@")[0])
                    self.shown += [line for line in lines if line.startswith("From:")]
                if self.status:
                    self._say(100, fields, addr)
                    self._say(self.status, fields, addr, self._sdp(body) if self.status == 200 else "")
                self._rung.set()
            case _:
                pass

    def _sdp(self, offered: str) -> str:
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self.port + 2 if self.port < 65000 else 40000} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
        )

    def _say(self, status: int, fields: list[str], addr: object, body: str = "") -> None:
        told = [line + ";tag=ours" if line.startswith("To:") and "tag=" not in line else line for line in fields]
        told += [f"Contact: <sip:carrier@127.0.0.1:{self.port}>"]
        if body:
            told += ["Content-Type: application/sdp"]
        text = "\r\n".join([f"SIP/2.0 {status} x", *told, f"Content-Length: {len(body)}", "", body])
        self._transport.sendto(text.encode(), addr)
