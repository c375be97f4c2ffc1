"""Desk phones for the drill: they register, ring, answer, talk in a known tone and listen for another.

All phones share one SIP socket; each has a line of its own in the process that speaks and listens
(:mod:`callcenter.drill.media`). Signalling is in the process that measures, so that "the page showed it" and "the
phone rang" are told apart in the order in which that process read them. How long something took is measured at the
wire: the kernel notes when a message came, however late this process, which shares its processor, gets round to it.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field

from callcenter.drill import sip, tone
from callcenter.drill.media import Line, Media, MediaFailed
from callcenter.drill.sound import Heard
from callcenter.errors import CallCenterError

EXPIRES_S = 110
RING_S = 0.2
"""How long a phone rings before it is picked up."""
_SO_TIMESTAMPNS = 35
"""Linux, socket(7): the time of receipt comes beside each datagram, as a ``timespec``. Python has no name for it."""
_TIMESPEC = struct.Struct("@ll")
_BESIDE = socket.CMSG_SPACE(_TIMESPEC.size)
_LARGEST = 1 << 16
_AT_ONCE = 20


class PhoneFailed(CallCenterError):
    """A phone could not register."""

    code = "phone_failed"


@dataclass(slots=True)
class Talk:
    """One call as the phone saw it. ``…_at``: seconds of ``time.monotonic`` at which this process read the message, to
    compare with its other clocks; ``…_wall``: seconds since the epoch at which the kernel received it."""

    seat: str
    caller: str
    """The caller's number, as the phone shows it."""
    invited_at: float
    invited_wall: float
    answered_at: float | None = None
    ended_at: float | None = None
    ended_wall: float | None = None
    heard: Heard = field(default_factory=Heard)
    """Of the caller's tone; complete when the call is over."""


@dataclass(slots=True)
class _Dialog:
    invite: sip.Message
    tag: str
    talk: Talk
    peer: tuple[str, int]
    last_answer: bytes = b""
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)


class Phone:
    """One seat's telephone; ``talks`` lists its calls in order."""

    def __init__(self, bank: PhoneBank, seat: str, password: str, line: Line) -> None:
        self._bank, self.seat, self._password, self._line = bank, seat, password, line
        self.talks: list[Talk] = []
        self.doubled = 0
        """Calls that came while this phone was busy."""
        self.ring_s = RING_S
        self.dead = False
        """Answers nobody any more, as after a crash of what it runs on."""
        self._dialog: _Dialog | None = None
        self._call_id, self._tag, self._number = secrets.token_hex(8), secrets.token_hex(4), 0
        self._answers: asyncio.Queue[sip.Message] = asyncio.Queue()
        self.refresher: asyncio.Task[None] | None = None

    @property
    def call_id(self) -> str:
        return self._call_id

    # --- registering ---

    async def register(self, *, expires_s: int = EXPIRES_S, password: str | None = None) -> None:
        """Register (0: unregister), with a new password if one is given. Raises PhoneFailed."""
        self._password = password or self._password
        host, port = self._bank.registrar
        uri = f"sip:{host}:{port}"
        authorization = ""
        for _ in range(3):
            self._number += 1
            headers = [
                ("Via", self._bank.via()),
                ("From", f"<sip:{self.seat}@{host}>;tag={self._tag}"),
                ("To", f"<sip:{self.seat}@{host}>"),
                ("Call-ID", self._call_id),
                ("CSeq", f"{self._number} REGISTER"),
                ("Contact", f"<{self._bank.contact(self.seat)}>"),
                ("Expires", str(expires_s)),
                ("Max-Forwards", "70"),
            ]
            if authorization:
                headers.append(("Authorization", authorization))
            answer = await self._ask(sip.render(f"REGISTER {uri} SIP/2.0", headers))
            if answer.status == 200:
                return
            if answer.status != 401:
                raise PhoneFailed(f"{self.seat} cannot register: Asterisk answered {answer.status}")
            authorization = sip.digest(
                answer.get("WWW-Authenticate"),
                method="REGISTER",
                uri=uri,
                user=self.seat,
                password=self._password,
                cnonce=secrets.token_hex(8),
            )
        raise PhoneFailed(f"{self.seat} cannot register: Asterisk does not accept its password")

    async def _ask(self, request: bytes) -> sip.Message:
        while not self._answers.empty():
            self._answers.get_nowait()
        for wait in (0.5, 1.0, 2.0):
            self._bank.send(request, self._bank.registrar)
            with suppress(TimeoutError):
                while True:
                    answer = await asyncio.wait_for(self._answers.get(), wait)
                    if answer.status >= 200 and answer.get("CSeq").startswith(f"{self._number} "):
                        return answer
        raise PhoneFailed(f"{self.seat} cannot register: no answer from {self._bank.registrar}")

    async def stay_registered(self) -> None:
        while True:
            await asyncio.sleep(EXPIRES_S / 2)
            if self.dead:
                continue
            with suppress(PhoneFailed):
                await self.register()

    # --- calls ---

    def take(self, message: sip.Message, peer: tuple[str, int], came: float) -> None:
        """One SIP message for this phone. ``came``: when the kernel received it."""
        if self.dead:
            return
        if message.status:
            self._answers.put_nowait(message)
            return
        dialog = self._dialog
        ours = dialog is not None and dialog.invite.get("Call-ID") == message.get("Call-ID")
        match message.method:
            case "INVITE" if dialog is not None and ours:
                self._bank.send(dialog.last_answer, peer)  # a repeat, or a re-INVITE that asks for the same
                if message.get("CSeq") != dialog.invite.get("CSeq"):
                    self._reply(dialog, "200 OK", request=message, body=self._sdp())
            case "INVITE" if dialog is not None:
                self.doubled += 1
                self._bank.send(sip.answer(message, "486 Busy Here", secrets.token_hex(4)), peer)
            case "INVITE":
                self._ring(message, peer, came)
            case "ACK" if dialog is not None and ours:
                dialog.acknowledged.set()
            case "CANCEL" if dialog is not None and ours:
                self._bank.send(sip.answer(message, "200 OK", dialog.tag), peer)
                if dialog.talk.answered_at is None:
                    self._reply(dialog, "487 Request Terminated")
                    self._over(dialog, came)
            case "BYE" if dialog is not None and ours:
                self._bank.send(sip.answer(message, "200 OK", dialog.tag), peer)
                self._over(dialog, came)
            case "ACK":
                pass
            case "OPTIONS":
                self._bank.send(sip.answer(message, "200 OK", secrets.token_hex(4)), peer)
            case _:
                self._bank.send(sip.answer(message, "481 Call Does Not Exist", secrets.token_hex(4)), peer)

    def _ring(self, invite: sip.Message, peer: tuple[str, int], came: float) -> None:
        talk = Talk(self.seat, sip.user_of(invite.get("From")), time.monotonic(), came)
        self.talks.append(talk)
        dialog = self._dialog = _Dialog(invite, secrets.token_hex(4), talk, peer)
        self._bank.rang(talk)
        self._reply(dialog, "180 Ringing")
        dialog.tasks.append(asyncio.create_task(self._answer(dialog)))

    async def _answer(self, dialog: _Dialog) -> None:
        await asyncio.sleep(self.ring_s)
        dialog.talk.answered_at = time.monotonic()
        where = sip.media_address(dialog.invite.body)
        if where is not None:
            self._line.talk(where, say_hz=tone.AGENT_HZ, listen_hz=tone.CALLER_HZ)
        self._bank.answered(dialog.talk)
        for _ in range(6):
            self._reply(dialog, "200 OK", body=self._sdp())
            with suppress(TimeoutError):
                await asyncio.wait_for(dialog.acknowledged.wait(), 0.5)
                return

    def _sdp(self) -> str:
        return sip.sdp(self._bank.host, self._line.port)

    def _reply(self, dialog: _Dialog, status: str, *, request: sip.Message | None = None, body: str = "") -> None:
        made = sip.answer(request or dialog.invite, status, dialog.tag, self._bank.contact(self.seat), body)
        if request is None:
            dialog.last_answer = made
        self._bank.send(made, dialog.peer)

    def _over(self, dialog: _Dialog, came: float) -> None:
        dialog.talk.ended_at, dialog.talk.ended_wall = time.monotonic(), came
        self._dialog = None
        if dialog.talk.answered_at is not None:
            self._bank.aside(self._listened(dialog.talk))
        for task in dialog.tasks:
            task.cancel()
        self._bank.ended(dialog.talk)

    def drop(self) -> None:
        """The call is gone with its switch."""
        if self._dialog is not None:
            self._over(self._dialog, time.time())

    async def _listened(self, talk: Talk) -> None:
        with suppress(MediaFailed):  # then it counts as not heard
            talk.heard = await self._line.heard()

    async def close(self) -> None:
        if self.refresher is not None:
            self.refresher.cancel()
        with suppress(PhoneFailed):
            await self.register(expires_s=0)
        if self._dialog is not None:
            for task in self._dialog.tasks:
                task.cancel()


class PhoneBank:
    """The phones' common SIP socket. ``rang``, ``answered`` and ``ended`` may be replaced to follow what happens."""

    def __init__(self, registrar: tuple[str, int], host: str = "127.0.0.1") -> None:
        self.registrar, self.host = registrar, host
        self.media = Media(host)
        self._aside: set[asyncio.Task[None]] = set()
        self.rang: Callable[[Talk], None] = lambda talk: None
        self.answered: Callable[[Talk], None] = lambda talk: None
        self.ended: Callable[[Talk], None] = lambda talk: None
        self.phones: dict[str, Phone] = {}
        self._socket: socket.socket | None = None
        self._port = 0

    async def open(self) -> None:
        made = self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        made.bind((self.host, 0))
        # A BYE that the kernel throws away while this process gets no processor is sent again after half a second: a
        # telephone that is called meanwhile is busy.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        made.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._port = made.getsockname()[1]
        # Not a protocol of asyncio's: that reads without what the kernel says beside the data.
        asyncio.get_running_loop().add_reader(made, self._read)
        await self.media.start()

    def aside(self, work: Coroutine[None, None, None]) -> None:
        """Something that no phone waits for."""
        task = asyncio.create_task(work)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def all_heard(self) -> None:
        """Return when of every call that is over it is known what was heard."""
        if self._aside:
            await asyncio.wait(set(self._aside))

    async def add(self, seat: str, password: str) -> Phone:
        """A registered phone. Raises PhoneFailed."""
        phone = Phone(self, seat, password, await self.media.open())
        self.phones[seat] = phone
        await phone.register()
        phone.refresher = asyncio.create_task(phone.stay_registered())
        return phone

    async def register_again(self) -> None:
        """What telephones do that find their switch gone and back: calls are over, all register. Raises PhoneFailed."""
        for phone in self.phones.values():
            phone.drop()
        await asyncio.gather(*(phone.register() for phone in self.phones.values()))

    async def close(self) -> None:
        await asyncio.gather(*(phone.close() for phone in self.phones.values()))
        await self.all_heard()
        await self.media.stop()
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def contact(self, seat: str) -> str:
        return f"sip:{seat}@{self.host}:{self._port}"

    def via(self) -> str:
        return f"SIP/2.0/UDP {self.host}:{self._port};branch=z9hG4bK{secrets.token_hex(8)};rport"

    def send(self, datagram: bytes, peer: tuple[str, int]) -> None:
        if self._socket is not None:
            with suppress(OSError):  # as on any network: what is lost is sent again
                self._socket.sendto(datagram, peer)

    def _read(self) -> None:
        """What has come until now; a share of it when that is much, for pages are read beside it."""
        for _ in range(_AT_ONCE):
            if self._socket is None:
                return
            try:
                data, beside, _, peer = self._socket.recvmsg(_LARGEST, _BESIDE)
            except OSError:  # nothing more, or word of a peer that is gone
                return
            self._take(data, peer, _received(beside))

    def _take(self, data: bytes, peer: tuple[str, int], came: float) -> None:
        with suppress(ValueError, IndexError):
            message = sip.parse(data)
            if message.status:
                found = [phone for phone in self.phones.values() if phone.call_id == message.get("Call-ID")]
            else:
                found = [self.phones[message.user]] if message.user in self.phones else []
            for phone in found:
                phone.take(message, peer, came)


def _received(beside: list[tuple[int, int, bytes]]) -> float:
    """When the kernel received a datagram, as seconds since the epoch; now, where it does not say."""
    for level, kind, value in beside:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(value[: _TIMESPEC.size])
            return float(seconds + nanoseconds / 1e9)
    return time.time()
