"""The operations page's socket: the counts of every step, and which version is live, at most once a second."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Final

import orjson
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from callcenter.access.guard import socket_principal, why_close
from callcenter.errors import Unavailable
from callcenter.ivr.endpoints import VIEWERS, FlowRoom, room

EVERY_S: Final = 1.0
ASK_AGAIN_S: Final = 15
"""After so many frames it is looked whether the session still stands."""
SEND_WITHIN_S: Final = 5.0

router = APIRouter(tags=["flows"])


@router.websocket("/ws/ops")
async def ops_socket(websocket: WebSocket) -> None:
    """Frames ``{"type": "counts", "version", "refused", "steps": [...]}``, whenever something changed."""
    await socket_principal(websocket, *VIEWERS)
    await websocket.accept()
    gone = asyncio.create_task(_until_gone(websocket))
    try:
        with suppress(WebSocketDisconnect, TimeoutError, RuntimeError):
            await _push(websocket, room(websocket), gone)
    finally:
        gone.cancel()


async def _push(websocket: WebSocket, made: FlowRoom, gone: asyncio.Task[None]) -> None:
    last: dict[str, Any] | None = None
    turns = 0
    while not gone.done():
        turns += 1
        if turns % ASK_AGAIN_S == 0 and (code := await why_close(websocket, *VIEWERS)):
            await websocket.close(code)
            return
        frame = await _frame(made)
        if frame != last:
            await asyncio.wait_for(websocket.send_text(orjson.dumps(frame).decode()), SEND_WITHIN_S)
            last = frame
        await asyncio.wait({gone}, timeout=EVERY_S)


async def _frame(made: FlowRoom) -> dict[str, Any]:
    try:
        steps = [asdict(count) for count in await made.counts.step_counts()]
    except Unavailable:
        return {"type": "unavailable"}
    registry = made.registry
    return {
        "type": "counts",
        "version": registry.current.version,
        "refused": len(registry.problems),
        "steps": steps,
    }


async def _until_gone(websocket: WebSocket) -> None:
    """Pages say nothing here; reading is how one hears that they went."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await websocket.receive_text()
