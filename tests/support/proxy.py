"""A TCP proxy that tests put between us and Asterisk: it can cut, fall silent, and say things of its own."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

FULL_MACHINE_S = 2.0
"""By how much later than it should a silent line may be noticed where many tests run at once."""


class Proxy:
    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        """Where new connections go."""
        self._pairs: list[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.connections = 0
        self.refusing = False
        """Hang up on whoever comes."""
        self.up, self.down = asyncio.Event(), asyncio.Event()
        self.up.set()
        self.down.set()

    def freeze(self, *, up: bool = True, down: bool = True) -> None:
        """Pass no more bytes on (``up``: towards Asterisk), and keep all sockets open."""
        if up:
            self.up.clear()
        if down:
            self.down.clear()

    def thaw(self) -> None:
        self.up.set()
        self.down.set()

    def cut(self) -> None:
        """End every connection without a word."""
        for pair in self._pairs:
            for writer in pair:
                if writer.transport:
                    writer.transport.abort()
        self._pairs.clear()

    def say(self, payload: bytes, opcode: int = 1) -> None:
        """Send a WebSocket frame to the client, as if Asterisk had."""
        length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack("!H", len(payload))
        self._pairs[-1][0].write(bytes([0x80 | opcode]) + length + payload)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self.refusing:
            writer.transport.abort()
            return
        try:
            there_reader, there = await asyncio.open_connection(*self.target)
        except OSError:
            writer.transport.abort()
            return
        self._pairs.append((writer, there))
        for source, sink, gate in ((reader, there, self.up), (there_reader, writer, self.down)):
            task = asyncio.create_task(self._pump(source, sink, gate))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, gate: asyncio.Event) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                await gate.wait()
                sink.write(data)
                await sink.drain()
        if sink.transport:
            sink.close()

    async def stop(self) -> None:
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def proxy(target: tuple[str, int]) -> AsyncIterator[Proxy]:
    made = Proxy(target)
    server = await asyncio.start_server(made._serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await made.stop()
