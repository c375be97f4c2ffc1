"""Supervisors in agents' calls over HTTP, and the socket that a session lives and ends with."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Path, WebSocket
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocketDisconnect

from callcenter.access.guard import CLOSE_NOT_PERMITTED, CLOSE_SIGNED_OUT, LeadOrAbove, principal_of, socket_principal
from callcenter.access.roles import LEADS
from callcenter.access.schemas import HEX_ID
from callcenter.access.sessions import Principal
from callcenter.context import ServicesDep, services
from callcenter.cti.endpoints import seat_answer
from callcenter.cti.pages import PageSocket
from callcenter.errors import BadRequest, Unavailable
from callcenter.ids import AgentId, CallId, SessionId
from callcenter.supervision.frames import session_frame
from callcenter.supervision.model import Mode, Supervisor
from callcenter.supervision.room import SupervisionRoom

ASK_AGAIN_S: Final = 15.0
"""How often it is looked whether the login still stands."""

router = APIRouter(tags=["supervision"])


def room(connection: HTTPConnection) -> SupervisionRoom:
    found: SupervisionRoom = connection.app.state.supervision
    return found


async def _room(connection: HTTPConnection) -> SupervisionRoom:
    return room(connection)


Room = Annotated[SupervisionRoom, Depends(_room)]
Id = Annotated[str, Path(pattern=HEX_ID)]


class SessionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agent_id: str | None = Field(None, min_length=1, max_length=100)
    call_id: str | None = Field(None, pattern=HEX_ID)
    mode: Mode = Mode.LISTEN


class ModeIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mode: Mode


class SessionOut(BaseModel):
    """``state``: ``asked`` (the page's telephone registers), ``ringing``, ``attaching``, ``live``, ``waiting`` (the
    agent's page is lost and the call kept for them), ``ended``. ``mode``: in force now, null while nothing is heard;
    ``wanted``: asked for. ``agent_id`` null: the caller is listened to, whom no agent has yet. ``veiled``: they type
    secret digits, and nothing is heard meanwhile. ``since``: when the supervisor first heard something. ``reason``: why
    it ended."""

    id: str
    state: Literal["asked", "ringing", "attaching", "live", "waiting", "ended"]
    mode: Mode | None
    wanted: Mode
    supervisor: str
    agent_id: str | None
    agent_name: str
    call_id: str
    caller_number: str
    veiled: bool
    since: str | None
    reason: str


def _who(principal: Principal) -> Supervisor:
    return Supervisor(account_id=principal.account_id, name=principal.name)


@router.get("/api/v1/supervision")
async def sessions(who: LeadOrAbove, made: Room) -> list[SessionOut]:
    """Who is at whose call now."""
    return [SessionOut.model_validate(session_frame(one)) for one in made.sessions]


@router.post("/api/v1/supervision/seat")
async def seat(who: LeadOrAbove, made: Room, services: ServicesDep) -> dict[str, object]:
    """The telephone of the supervisor's page. It is rung for each session, with its id as SIP header
    ``X-Callcenter-Answer``, and answers those that the socket ``/ws/supervision`` has told of. It can dial nothing. The
    password of an earlier one is void. 409 ``page_away``: open the socket first."""
    return seat_answer(await made.seat(_who(who)), services.settings, services.clock.now())


@router.post("/api/v1/supervision", status_code=201)
async def begin(who: LeadOrAbove, asked: SessionIn, made: Room) -> SessionOut:
    """Be at an agent's call: ``listen`` (nobody hears you), ``whisper`` (the agent alone does) or ``join`` (all do, and
    the recording). Your telephone is rung as soon as it is registered, within 8 s. A session you have at another agent
    ends. Several may be at one call: all listen, one speaks at a time, and who listens hears them. 404
    ``agent_offline``; 409 ``no_call``, ``own_call``, ``already_there`` (change the mode instead), ``colleague_speaks``,
    ``page_away``. With ``call_id`` in place of ``agent_id``: listen to a caller in a menu, in line or leaving a
    message; it ends when an agent has them."""
    if (asked.agent_id is None) == (asked.call_id is None):
        raise BadRequest("name an agent or a call, and not both")
    if asked.agent_id is not None:
        begun = made.begin(_who(who), AgentId(asked.agent_id), asked.mode)
    else:
        if asked.mode is not Mode.LISTEN:
            raise BadRequest("a caller whom no agent has can be listened to, and no more")
        begun = made.begin_at_caller(_who(who), CallId(asked.call_id or ""))
    return SessionOut.model_validate(session_frame(begun))


@router.put("/api/v1/supervision/{session_id}/mode")
async def change(session_id: Id, who: LeadOrAbove, asked: ModeIn, made: Room) -> SessionOut:
    """Another mode within the same call. What is in force then comes over the socket. 404 ``session_over``; 409
    ``colleague_speaks``."""
    return SessionOut.model_validate(session_frame(made.change(_who(who), SessionId(session_id), asked.mode)))


@router.post("/api/v1/supervision/{session_id}/take-over", status_code=202)
async def take_over(session_id: Id, who: LeadOrAbove, made: Room) -> dict[str, object]:
    """Have the caller transferred to your own desk, where you must be ready: it rings there, and the agent goes into
    wrap-up. 409 ``not_ready``, ``not_in_this_phase``; 404 ``session_over``."""
    made.take_over(_who(who), SessionId(session_id))
    return {"taken_over": True}


@router.delete("/api/v1/supervision/{session_id}", status_code=204)
async def stop(session_id: Id, who: LeadOrAbove, made: Room) -> None:
    """Leave; the call goes on. 404 ``session_over``."""
    made.stop(_who(who), SessionId(session_id))


@router.websocket("/ws/supervision")
async def supervision_socket(websocket: WebSocket) -> None:
    """For team leads, supervisors and administrators. Frames: ``snapshot`` and ``session`` with a session (as the list
    has it, or null), ``displaced`` (another page of this account came; closes with 4001). A session ends with this
    socket."""
    principal = await socket_principal(websocket, *LEADS)
    await websocket.accept()
    made, who = room(websocket), _who(principal)
    socket = PageSocket(websocket.send_text, websocket.close)
    tasks = [asyncio.create_task(work) for work in (socket.write(), _read(websocket, socket), _stay(websocket, socket))]
    made.enter(who, socket)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        made.leave(who, socket)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(websocket: WebSocket, socket: PageSocket) -> None:
    """Pages say nothing but pings."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await websocket.receive_text()
            socket.tell({"type": "pong"})


async def _stay(websocket: WebSocket, socket: PageSocket) -> None:
    """Close it when the login is over, or its role another."""
    while True:
        await asyncio.sleep(ASK_AGAIN_S)
        with suppress(Unavailable):  # nobody can be asked now: who was let in stays
            principal = await principal_of(websocket, services(websocket))
            if principal is None or principal.role not in LEADS:
                socket.end(CLOSE_SIGNED_OUT if principal is None else CLOSE_NOT_PERMITTED)
