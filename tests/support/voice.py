"""One end of a telephone's sound: says a tone of its own, and tells which others it hears."""

from __future__ import annotations

import asyncio
import math
import secrets
import struct
import time
from collections import deque

from callcenter.drill import tone
from callcenter.drill.sound import Heard

_KEPT = 10
"""Packets that are looked at: 200 ms."""
_LOUD = 1500
"""Amplitude of a tone that counts as heard; voices say theirs with 6000."""


class Voice(asyncio.DatagramProtocol):
    """Stands where a telephone's :class:`callcenter.drill.media.Line` does."""

    def __init__(self, hz: int) -> None:
        self.hz = hz
        self._packets: deque[bytes] = deque(maxlen=_KEPT)
        self._speaking: asyncio.Task[None] | None = None
        self.port = 0
        self._last_at = 0.0

    async def open(self) -> Voice:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    def close(self) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
        self._transport.close()

    def talk(self, to: tuple[str, int], *, say_hz: int = 0, listen_hz: int = 0) -> None:
        self._packets.clear()
        self._speaking = asyncio.create_task(self._speak(to))

    async def heard(self) -> Heard:
        if self._speaking is not None:
            self._speaking.cancel()
        return Heard()

    async def _speak(self, to: tuple[str, int]) -> None:
        sound, begun, ssrc, number = tone.packet(self.hz, 6000), time.monotonic(), secrets.randbits(32), 0
        while True:
            number += 1
            head = struct.pack(">BBHII", 0x80, 8, number & 0xFFFF, number * tone.PACKET, ssrc)
            self._transport.sendto(head + sound, to)
            await asyncio.sleep(max(0.0, begun + number * 0.02 - time.monotonic()))

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) >= 12 + tone.PACKET:
            self._packets.append(data[12 : 12 + tone.PACKET])
            self._last_at = time.monotonic()

    @property
    def tones(self) -> set[int]:
        """Of the tones that voices say, those heard in each of the last packets."""
        if len(self._packets) < _KEPT or time.monotonic() - self._last_at > _KEPT * 0.02:
            return set()
        return {hz for hz in VOICES if all(loudness(tone_of(packet), hz) > _LOUD for packet in self._packets)}

    async def hears(self, *wanted: int, within_s: float = 15.0) -> None:
        """Until just these are heard, for two stretches in a row."""
        begun, seen = time.monotonic(), 0
        while seen < 2:
            assert time.monotonic() - begun < within_s, f"heard {self.tones}, wanted {wanted}"
            await asyncio.sleep(_KEPT * 0.02)  # a stretch of sound
            seen = seen + 1 if self.tones == set(wanted) else 0


CALLER_HZ, SUPERVISOR_HZ, AGENT_HZ, COLLEAGUE_HZ = 400, 700, 1000, 1300
VOICES = (CALLER_HZ, SUPERVISOR_HZ, AGENT_HZ, COLLEAGUE_HZ)


def tone_of(packet: bytes) -> list[int]:
    return [tone.decode(byte) for byte in packet]


def loudness(samples: list[int], hz: int, rate: int = tone.RATE) -> float:
    """The amplitude of one tone in them (Goertzel's algorithm)."""
    factor = 2 * math.cos(2 * math.pi * hz / rate)
    last = before = 0.0
    for sample in samples:
        last, before = sample + factor * last - before, last
    power = last * last + before * before - factor * last * before
    return 2 * math.sqrt(max(power, 0.0)) / len(samples)
