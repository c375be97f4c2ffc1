"""The agent's socket and the few questions a page asks before it: see ``docs/agent-socket.md``."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

import orjson
from fastapi import APIRouter, Depends, WebSocket
from pydantic import BaseModel, Field
from starlette.websockets import WebSocketDisconnect

from callcenter.access.agents import load_profile
from callcenter.access.guard import SignedIn, require, socket_principal, why_close
from callcenter.access.roles import Role
from callcenter.access.sessions import Principal
from callcenter.acd.messages import AgentProfile
from callcenter.asterisk.gateway import Seat
from callcenter.asterisk.node import AsteriskNode
from callcenter.context import ServicesDep, services
from callcenter.cti.console import Console
from callcenter.cti.pages import AgentPages, PageSocket
from callcenter.cti.refusals import error_frame
from callcenter.cti.ways import ice_servers
from callcenter.db.engine import Database
from callcenter.errors import BadRequest, CallCenterError, NotFound, Unavailable
from callcenter.ids import AgentId
from callcenter.ivr.flow import FlowSet
from callcenter.settings import Settings, split_bind

HELLO_WITHIN_S = 5.0
PATIENCE_S = 1.0
CLOSE_BAD_FRAMES = 4400
MAX_BAD_FRAMES = 10
MAX_FRAME_BYTES = 64 * 1024


class PhoneLine(BaseModel):
    caller_number: str = Field(pattern=r"^\+?[0-9]{3,20}$")


def seat_answer(seat: Seat, settings: Settings, now: datetime) -> dict[str, object]:
    host, _ = split_bind(settings.sip_bind)
    return {
        "seat": seat.name,
        "password": seat.password,
        "uri": f"sip:{seat.name}@{host}",
        "socket_url": settings.sip_socket_url,
        "realm": "asterisk",
        "expires_s": 120,
        "ice_servers": ice_servers(settings, seat.name, now),
    }


def cti_router(console: Console, pages: AgentPages, node: AsteriskNode, flows: Callable[[], FlowSet]) -> APIRouter:
    router = APIRouter(tags=["cti"])
    everyone = [Depends(require(*Role))]

    @router.get("/api/v1/hotlines", dependencies=everyone)
    async def hotlines() -> list[dict[str, object]]:
        """The numbers callers dial."""
        return [
            {"number": h.number, "name": h.name, "title": h.title, "title_en": h.title_en, "flow": h.flow}
            for h in flows().hotlines.values()
            if not h.drill
        ]

    @router.get("/api/v1/queues", dependencies=everyone)
    async def queues() -> list[dict[str, object]]:
        """The queues there are, without the fire drill's."""
        return [
            {"name": q.name, "title": q.title, "title_en": q.title_en} for q in flows().queues.values() if not q.drill
        ]

    @router.post("/api/v1/agent/seat")
    async def seat(who: SignedIn, made: ServicesDep) -> dict[str, object]:
        """A telephone for this login; the password of an earlier one is void from now on."""
        profile = await _profile(console, made.db, who.account_id)
        kind = "desk_phone" if profile.drill else "browser"
        return seat_answer(await console.seat(profile, kind, who.session_id), made.settings, made.clock.now())

    @router.post("/api/v1/phone/line")
    async def line(who: SignedIn, asked: PhoneLine, made: ServicesDep) -> dict[str, object]:
        """A browser telephone that can dial the hotlines and nothing else."""
        guest = Seat(
            name=f"phone-{who.account_id[-12:]}",
            password=secrets.token_urlsafe(18),
            kind="browser",
            caller_id_name="",
            caller_id_number=asked.caller_number,
            context="from-phone",
        )
        await node.provision_seat(guest)
        return seat_answer(guest, made.settings, made.clock.now())

    @router.websocket("/ws/agent")
    async def agent_socket(websocket: WebSocket) -> None:
        who = await socket_principal(websocket)
        made = services(websocket)
        await websocket.accept()
        try:
            profile = await _profile(console, made.db, who.account_id)
        except (NotFound, CallCenterError) as error:
            await websocket.send_text(orjson.dumps(error_frame(None, error.code)).decode())
            await websocket.close(4403)
            return
        with suppress(WebSocketDisconnect, TimeoutError, RuntimeError):
            await _serve(websocket, profile, who, console, pages)

    return router


async def _profile(console: Console, db: Database, account_id: str) -> AgentProfile:
    """The agent's account, or, while the database is away, what the desk knows of it."""
    known = console.known(AgentId(account_id))
    try:
        async with asyncio.timeout(PATIENCE_S if known else None), db.read() as session:
            return await load_profile(session, account_id)
    except (Unavailable, TimeoutError):
        if known is None:
            raise
        return known


async def _serve(
    websocket: WebSocket, profile: AgentProfile, who: Principal, console: Console, pages: AgentPages
) -> None:
    """One page, from hello to its end."""
    socket = PageSocket(websocket.send_text, websocket.close, who.session_id)
    writer = asyncio.create_task(socket.write())
    try:
        async with asyncio.timeout(HELLO_WITHIN_S):
            hello = await _frame(websocket)
        while pages.elsewhere(profile.agent_id, _tab_id(hello)) and not (hello or {}).get("take_over"):
            socket.tell({"type": "occupied"})
            hello = await _frame(websocket)
            if code := await why_close(websocket):  # it may have waited for days
                socket.end(code)
                await writer
                return
        socket.tab_id = _tab_id(hello)
        console.enter(profile, socket)
        socket.tell(console.snapshot(profile, who.role))
        bad = 0
        while bad < MAX_BAD_FRAMES:
            frame = await _frame(websocket)
            if frame is None:
                bad += 1
                socket.tell(error_frame(None, "bad_frame"))
            elif frame.get("type") == "ping":
                socket.tell({"type": "pong"})
            elif frame.get("type") == "pop_received":
                pages.pop_received(profile.agent_id, frame.get("offer_id"))
            else:
                try:
                    socket.tell(console.do(profile.agent_id, frame))
                except BadRequest as error:
                    told = error_frame(frame.get("request_id"), "bad_frame")
                    socket.tell({**told, "message": error.message})
        socket.end(CLOSE_BAD_FRAMES)
        await writer
    finally:
        console.leave(profile.agent_id, socket)
        writer.cancel()


def _tab_id(hello: Mapping[str, object] | None) -> str:
    given = (hello or {}).get("tab_id")
    return given if isinstance(given, str) else ""


async def _frame(websocket: WebSocket) -> dict[str, object] | None:
    """The next frame; None if it is not a JSON object of reasonable size."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    text = message.get("text")
    if text is None or len(text) > MAX_FRAME_BYTES:
        return None
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return frame if isinstance(frame, dict) else None
