"""Scripted callers: each dials, presses and hangs up when it is told to, speaks one tone and listens for another.

SIPp places more calls for less, but cannot say what a caller heard.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from callcenter.drill import sip, tone
from callcenter.drill.media import Line, Media, MediaFailed
from callcenter.drill.sound import Heard

_REPEAT_S = (0.5, 1.0, 2.0, 4.0, 4.0)


@dataclass(slots=True)
class Caller:
    """One call. Times are seconds of ``time.monotonic``."""

    bank: CallerBank
    number: str
    line: Line
    call_id: str = field(default_factory=lambda: secrets.token_hex(10))
    tag: str = field(default_factory=lambda: secrets.token_hex(4))
    answered_at: float | None = None
    ended_at: float | None = None
    status: int = 0
    """The final answer to the INVITE."""
    heard: Heard = field(default_factory=Heard)
    """Of the agent's tone; complete when the call is over."""
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _to: str = ""
    _contact: str = ""
    _sequence: int = 1
    _branch: str = field(default_factory=lambda: secrets.token_hex(8))
    _pending: dict[int, asyncio.Event] = field(default_factory=dict)

    def dial(self) -> None:
        self._to = f"<{self.bank.uri}>"
        invite = self._request("INVITE", self.bank.uri, body=sip.sdp(self.bank.host, self.line.port))
        self._repeat(1, invite)

    def press(self, digit: str) -> None:
        """A key, by INFO."""
        self._sequence += 1
        body = f"Signal={digit}\r\nDuration=120\r\n"
        made = self._request("INFO", self._contact, body=body, kind="application/dtmf-relay")
        self._repeat(self._sequence, made)

    def hang_up(self) -> None:
        self._sequence += 1
        self._repeat(self._sequence, self._request("BYE", self._contact))
        self._end()

    def lost(self) -> None:
        """The switch is gone and will never say good-bye."""
        self._end()

    def take(self, message: sip.Message, peer: tuple[str, int]) -> None:
        """One SIP message of this call."""
        if message.status:
            number, _, method = message.get("CSeq").partition(" ")
            pending = self._pending.get(int(number))
            if pending is not None:
                pending.set()
            if method == "INVITE" and message.status >= 200:
                self._invited(message)
            return
        if message.method == "ACK":
            return
        body = sip.sdp(self.bank.host, self.line.port) if message.method in ("INVITE", "UPDATE") else ""
        self.bank.send(sip.answer(message, "200 OK", self.tag, self.bank.contact(self.number), body), peer)
        if message.method == "BYE":
            self._end()

    def _invited(self, message: sip.Message) -> None:
        self._to = message.get("To")
        if message.status != 200:
            self.bank.send(self._request("ACK", self.bank.uri), self.bank.target)
            self.status = message.status
            self._end()
            return
        self._contact = message.get("Contact").strip("<>").split(">")[0]
        self.bank.send(self._request("ACK", self._contact, fresh=True), self.bank.target)
        if self.answered_at is not None:
            return
        self.status, self.answered_at = 200, time.monotonic()
        where = sip.media_address(message.body)
        if where is not None:
            self.line.talk(where, say_hz=tone.CALLER_HZ, listen_hz=tone.AGENT_HZ)
        self.answered.set()

    def _end(self) -> None:
        if self.ended_at is not None:
            return
        self.ended_at = time.monotonic()
        for pending in self._pending.values():
            pending.set()
        self.bank.aside(self._listened())

    async def _listened(self) -> None:
        with suppress(MediaFailed):  # then it counts as not heard
            self.heard = await self.line.heard()
        self.over.set()

    def _repeat(self, number: int, datagram: bytes) -> None:
        self._pending[number] = asyncio.Event()
        self.bank.aside(self._until_answered(number, datagram))

    async def _until_answered(self, number: int, datagram: bytes) -> None:
        for wait in _REPEAT_S:
            self.bank.send(datagram, self.bank.target)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._pending[number].wait(), wait)
                return
        if number == 1:
            self._end()  # nobody is there

    def _request(self, method: str, uri: str, *, body: str = "", kind: str = "", fresh: bool = False) -> bytes:
        of_invite = method in ("INVITE", "ACK")
        branch = self._branch if of_invite and not fresh else secrets.token_hex(8)
        headers = [
            ("Via", f"SIP/2.0/UDP {self.bank.host}:{self.bank.port};branch=z9hG4bK{branch};rport"),
            ("From", f"<sip:{self.number}@{self.bank.host}:{self.bank.port}>;tag={self.tag}"),
            ("To", self._to),
            ("Call-ID", self.call_id),
            ("CSeq", f"{1 if of_invite else self._sequence} {method}"),
            ("Contact", f"<{self.bank.contact(self.number)}>"),
            ("Max-Forwards", "70"),
        ]
        made = sip.render(f"{method} {uri} SIP/2.0", headers, body)
        return made.replace(b"application/sdp", kind.encode()) if kind else made


class CallerBank(asyncio.DatagramProtocol):
    """All callers' common SIP socket, as a trunk would have it."""

    def __init__(
        self,
        target: tuple[str, int],
        hotline: str,
        media: Media,
        aside: Callable[..., None],
        *,
        at: tuple[str, int] = ("127.0.0.1", 0),
        prefix: str = "0000",
    ) -> None:
        self.target, (self.host, self.port), self._prefix = target, at, prefix
        self.uri = f"sip:{hotline}@{target[0]}:{target[1]}"
        self.callers: list[Caller] = []
        self.aside = aside
        self._media = media
        self.away = False
        """The carrier cannot be reached: nothing comes from it, nothing arrives there."""
        self._by_call: dict[str, Caller] = {}
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.host, self.port))
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    async def dial(self) -> Caller:
        """A further call, under way. Raises MediaFailed."""
        caller = Caller(self, f"{self._prefix}{len(self.callers) + 1}", await self._media.open(self.host))
        self.callers.append(caller)
        self._by_call[caller.call_id] = caller
        caller.dial()
        return caller

    def lose(self, *, away: bool) -> None:
        """The carrier is away from now on, or back."""
        self.away = away
        for caller in self.callers:
            caller.line.mute(away)

    async def close(self) -> None:
        for caller in self.callers:
            if caller.ended_at is None and caller.answered_at is not None:
                caller.hang_up()
        await asyncio.sleep(0.2)  # the last good-byes are on their way
        if self._transport is not None:
            self._transport.close()

    def contact(self, number: str) -> str:
        return f"sip:{number}@{self.host}:{self.port}"

    def send(self, datagram: bytes, peer: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing() and not self.away:
            self._transport.sendto(datagram, peer)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.away:
            return
        with suppress(ValueError, IndexError):
            message = sip.parse(data)
            caller = self._by_call.get(message.get("Call-ID"))
            if caller is not None:
                caller.take(message, addr)
            elif message.method == "OPTIONS":
                self.send(sip.answer(message, "200 OK", secrets.token_hex(4)), addr)


class Carriers:
    """One or more banks of callers, taken in turn."""

    def __init__(self, banks: Sequence[CallerBank]) -> None:
        self.banks = banks
        self._turn = itertools.cycle(banks)

    @property
    def callers(self) -> list[Caller]:
        return [caller for bank in self.banks for caller in bank.callers]

    async def open(self) -> None:
        for bank in self.banks:
            await bank.open()

    async def place(self, count: int, *, per_second: float = 20.0, key: str = "") -> list[Caller]:
        """``count`` calls, each answered and its key pressed when this returns. Raises MediaFailed, TimeoutError."""
        placed = []
        for _ in range(count):
            placed.append(await next(self._turn).dial())
            await asyncio.sleep(1 / per_second)
        for caller in placed:
            await asyncio.wait_for(caller.answered.wait(), 20)
        for caller in placed:
            if key:
                caller.press(key)
                await asyncio.sleep(1 / per_second)  # so that they begin to wait one after the other
        return placed

    async def close(self) -> None:
        for bank in self.banks:
            await bank.close()
