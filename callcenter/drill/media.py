"""The drill's sound: a process of its own that speaks and listens for all telephones.

A hundred and eighty streams of fifty packets a second would leave the process that measures no time to measure. The
two talk in JSON lines: ``open``, ``talk``, ``stop`` one way, ports and what was heard the other. Both read the same
monotonic clock.
"""

from __future__ import annotations

import asyncio
import json
import os
import selectors
import socket
import struct
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from callcenter.drill import tone
from callcenter.drill.sound import Ear, Heard
from callcenter.errors import CallCenterError

_PACE_S = 0.02
_GROUPS = 4
"""The streams speak in turn within the 20 ms, not all at once."""
_LATE_S = 0.5
_STOP_S = 5.0


class MediaFailed(CallCenterError):
    """The process that speaks and listens does not answer."""

    code = "drill_media_failed"


class Media:
    """The other side of the process, for the one that measures."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._host = host
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._numbers = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callcenter.drill.media"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
            limit=1 << 24,  # an hour of conversation tells of many gaps
        )
        self._reader = asyncio.create_task(self._read())

    async def open(self, host: str = "") -> Line:
        """A stream with a port of its own, at this address if it is another than all others'. Raises MediaFailed."""
        self._numbers += 1
        number = self._numbers  # others may open theirs meanwhile
        answer = await self._ask({"do": "open", "line": number, "host": host or self._host}, number)
        return Line(self, number, answer["port"])

    async def stop(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        process = self._process
        if process is not None and process.returncode is None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), _STOP_S)
            except TimeoutError:
                process.kill()
                await process.wait()

    def tell(self, frame: Mapping[str, object]) -> None:
        assert self._process is not None and self._process.stdin is not None, "start() comes first"
        with suppress(ConnectionError):
            self._process.stdin.write(json.dumps(frame).encode() + b"\n")

    async def heard(self, line: int) -> Heard:
        answer = await self._ask({"do": "stop", "line": line}, line)
        return Heard(**{**answer["heard"], "gaps": [(at, length) for at, length in answer["heard"]["gaps"]]})

    async def _ask(self, frame: Mapping[str, object], line: int) -> dict[str, Any]:
        answer = self._answers[line] = asyncio.get_running_loop().create_future()
        self.tell(frame)
        try:
            return await asyncio.wait_for(answer, _STOP_S)
        except TimeoutError:
            raise MediaFailed("the drill's sound process does not answer") from None

    async def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        async for text in self._process.stdout:
            frame = json.loads(text)
            answer = self._answers.pop(frame["line"], None)
            if answer is not None and not answer.done():
                answer.set_result(frame)


@dataclass(frozen=True, slots=True)
class Line:
    """One telephone's sound."""

    media: Media
    number: int
    port: int

    def talk(self, to: tuple[str, int], *, say_hz: int, listen_hz: int) -> None:
        """Speak and listen from now on; what was heard before is forgotten."""
        self.media.tell({"do": "talk", "line": self.number, "to": list(to), "say": say_hz, "listen": listen_hz})

    def mute(self, silent: bool) -> None:
        """Say nothing for a while, and go on."""
        self.media.tell({"do": "mute", "line": self.number, "silent": silent})

    async def heard(self) -> Heard:
        """Fall silent; what was heard since ``talk``. Raises MediaFailed."""
        return await self.media.heard(self.number)


# --- the process itself ---


@dataclass(slots=True)
class _Stream:
    number: int
    socket: socket.socket
    to: tuple[str, int] | None = None
    payload: bytes = b""
    ear: Ear | None = None
    sequence: int = 0
    time: int = 0
    silent: bool = False


class _Process:
    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._streams: dict[int, _Stream] = {}
        self._payloads: dict[int, bytes] = {}
        self._pending = b""
        os.set_blocking(0, False)
        self._selector.register(0, selectors.EVENT_READ)

    def run(self) -> None:
        """Until the other side closes our input."""
        step, group = _PACE_S / _GROUPS, 0
        due = time.monotonic() + step
        while True:
            for key, _ in self._selector.select(max(due - time.monotonic(), 0)):
                if key.fd != 0:
                    self._hear(key.data)
                elif not self._told():
                    return
            now = time.monotonic()
            if now - due > _LATE_S:
                due = now  # the machine stood still; what was missed is not said twice as fast
            while now >= due:
                self._speak(group)
                group, due = (group + 1) % _GROUPS, due + step

    def _hear(self, stream: _Stream) -> None:
        with suppress(OSError):
            while True:
                datagram = stream.socket.recv(2048)
                if stream.ear is not None:
                    stream.ear.take(datagram, time.monotonic())

    def _speak(self, group: int) -> None:
        for stream in self._streams.values():
            if stream.to is None or stream.silent or stream.number % _GROUPS != group:
                continue
            stream.sequence = (stream.sequence + 1) & 0xFFFF
            stream.time = (stream.time + tone.PACKET) & 0xFFFFFFFF
            header = struct.pack("!BBHII", 0x80, 8, stream.sequence, stream.time, stream.number)
            with suppress(OSError):
                stream.socket.sendto(header + stream.payload, stream.to)

    def _told(self) -> bool:
        data = os.read(0, 1 << 16)
        if not data:
            return False
        *lines, self._pending = (self._pending + data).split(b"\n")
        for text in lines:
            self._do(json.loads(text))
        return True

    def _do(self, frame: dict[str, Any]) -> None:
        number = frame["line"]
        match frame["do"]:
            case "open":
                made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                made.setblocking(False)
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
                made.bind((frame["host"], 0))
                stream = self._streams[number] = _Stream(number, made)
                self._selector.register(made, selectors.EVENT_READ, stream)
                self._answer({"line": number, "port": made.getsockname()[1]})
            case "talk":
                stream, hz = self._streams[number], frame["say"]
                stream.to = (frame["to"][0], frame["to"][1])
                stream.payload = self._payloads.setdefault(hz, tone.packet(hz))
                stream.ear = Ear(frame["listen"])
            case "mute":
                self._streams[number].silent = frame["silent"]
            case "stop":
                stream = self._streams[number]
                stream.to = None
                heard = stream.ear.over(time.monotonic()) if stream.ear is not None else Heard()
                stream.ear = None
                self._answer({"line": number, "heard": asdict(heard)})

    @staticmethod
    def _answer(frame: Mapping[str, object]) -> None:
        sys.stdout.write(json.dumps(frame) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        _Process().run()
