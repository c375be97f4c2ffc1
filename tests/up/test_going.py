"""How the service goes when it is told to: what it has taken it answers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from starlette.responses import PlainTextResponse

from callcenter.serve import _Server
from callcenter.settings import Settings


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.001)


async def test_a_connection_taken_before_the_end_has_its_answer_though_its_request_comes_after() -> None:
    stop = asyncio.Event()
    server = _Server(PlainTextResponse("here"), stop, Settings())
    with socket.create_server(("127.0.0.1", 0)) as ear:
        serving = asyncio.create_task(server.serve(sockets=[ear]))
        await until(lambda: server.started)
        reader, writer = await asyncio.open_connection(*ear.getsockname())
        await until(lambda: bool(server.server_state.connections))
        stop.set()
        await until(lambda: not server.servers[0].is_serving())
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 20)
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.endswith(b"here")
        writer.close()
        await asyncio.wait_for(serving, 20)
