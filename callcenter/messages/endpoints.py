"""Messages over HTTP: which there are, their sound by byte range, and what came of them.

Agents hear the voicemails of their queues (and of no queue); leads hear all, comments on agents included. Whoever
fetches a message from its beginning is in the audit, and the message counts as heard.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path as FilePath
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from callcenter.access import audit
from callcenter.access.guard import ServiceStaff
from callcenter.access.roles import LEADS
from callcenter.access.schemas import HEX_ID
from callcenter.access.sessions import Principal
from callcenter.context import Services, ServicesDep
from callcenter.errors import Conflict, NotFound, NotPermitted
from callcenter.messages import repository
from callcenter.messages.tables import Message
from callcenter.recording.playback import from_its_beginning, kept_file, sound
from callcenter.recording.waveform import cached_peaks

router = APIRouter(prefix="/api/v1", tags=["messages"])

Id = Annotated[str, Path(pattern=HEX_ID)]


class MessageLine(BaseModel):
    """``contact_id`` None: recorded by the fallback while the service was away. ``queue`` None: any agent's."""

    id: str
    contact_id: str | None
    purpose: Literal["voicemail", "comment"]
    caller_number: str
    customer_id: str | None
    customer_name: str | None
    hotline: str
    queue: str | None
    language: str
    recorded_at: datetime
    seconds: float
    state: Literal["new", "heard", "done"]
    heard_at: datetime | None
    handled_by: str | None
    handled_at: datetime | None
    note: str


class MessagePage(BaseModel):
    messages: list[MessageLine]
    next: str | None


class NewCount(BaseModel):
    new: int


class DoneIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: str = Field("", max_length=2000)


class MessageShape(BaseModel):
    """Up to 600 peaks from 0 to 1 over ``seconds``."""

    seconds: float
    left: list[float]


def _listener(who: Principal) -> str | None:
    return None if who.role in LEADS else who.account_id


def _shown(line: repository.Line) -> MessageLine:
    message = line.message
    return MessageLine.model_validate(
        {
            "id": message.id,
            "contact_id": message.contact_id,
            "purpose": message.purpose,
            "caller_number": message.caller_number,
            "customer_id": line.customer_id,
            "customer_name": line.customer_name,
            "hotline": message.hotline,
            "queue": message.queue,
            "language": message.language,
            "recorded_at": message.recorded_at,
            "seconds": message.duration_ms / 1000,
            "state": message.state,
            "heard_at": message.heard_at,
            "handled_by": line.handled_by_name,
            "handled_at": message.handled_at,
            "note": message.note,
        }
    )


@router.get("/messages")
async def list_messages(
    who: ServiceStaff,
    made: ServicesDep,
    state: Literal["new", "heard", "done", "open"] | None = None,
    purpose: Literal["voicemail", "comment"] | None = None,
    queue: Annotated[str | None, Query(max_length=64)] = None,
    number: Annotated[str | None, Query(max_length=32)] = None,
    drill: bool = False,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> MessagePage:
    """Newest first; ``state=open`` is all that is not done."""
    wanted = repository.Filter(
        listener=_listener(who), state=state, purpose=purpose, queue=queue, number=number, drill=drill
    )
    async with made.db.read() as session:
        lines, following = await repository.page(session, wanted, cursor=cursor, limit=limit)
    return MessagePage(messages=[_shown(line) for line in lines], next=following)


@router.get("/messages/new")
async def count_new(who: ServiceStaff, made: ServicesDep) -> NewCount:
    """How many voicemails nobody has heard, of those that the asker may hear."""
    async with made.db.read() as session:
        return NewCount(new=await repository.count_new(session, _listener(who)))


@router.get("/contacts/{contact_id}/messages")
async def of_contact(contact_id: Id, who: ServiceStaff, made: ServicesDep) -> list[MessageLine]:
    """What the caller said to nobody in one call, as far as the asker may hear it."""
    wanted = repository.Filter(listener=_listener(who), contact_id=contact_id, drill=True)
    async with made.db.read() as session:
        lines, _ = await repository.page(session, wanted, cursor=None, limit=50)
    return [_shown(line) for line in lines]


@router.get("/messages/{message_id}/audio", response_class=FileResponse)
async def audio(message_id: Id, request: Request, who: ServiceStaff, made: ServicesDep) -> FileResponse:
    """The message (WAV, 8 kHz, 16 bit, mono), whole or by ``Range``."""
    path = _file(await _audible(message_id, who, made), made)
    if from_its_beginning(request):
        now = made.clock.now()
        async with made.db.write() as session:
            message = await session.get_one(Message, message_id, with_for_update=True)
            if message.state == "new":
                message.state, message.heard_by, message.heard_at = "heard", who.account_id, now
            audit.record(session, now, who.account_id, "message.heard", message_id, contact=message.contact_id)
    return sound(path)


@router.get("/messages/{message_id}/waveform")
async def waveform(message_id: Id, who: ServiceStaff, made: ServicesDep) -> MessageShape:
    """The loudness over time, computed once and kept beside the WAV."""
    path = _file(await _audible(message_id, who, made), made)
    shape = orjson.loads(await asyncio.to_thread(cached_peaks, path, 1))
    return MessageShape(seconds=shape["duration_ms"] / 1000, left=[peak / 100 for peak in shape["channels"][0]])


@router.post("/messages/{message_id}/done")
async def done(message_id: Id, body: DoneIn, who: ServiceStaff, made: ServicesDep) -> MessageLine:
    """Somebody has seen to it, with a word on what came of it. Raises Conflict when a colleague was quicker."""
    await _audible(message_id, who, made)
    now = made.clock.now()
    async with made.db.write() as session:
        message = await session.get_one(Message, message_id, with_for_update=True)
        if message.state == "done" and message.handled_by != who.account_id:
            raise Conflict("a colleague has seen to this message already")
        changed = audit.changes({"state": message.state, "note": message.note}, {"state": "done", "note": body.note})
        message.state, message.handled_by, message.handled_at, message.note = "done", who.account_id, now, body.note
        audit.record(
            session, now, who.account_id, "message.done", message_id, contact=message.contact_id, changes=changed
        )
        await session.flush()
        return _shown((await repository.lines_of(session, [message]))[0])


@router.post("/messages/{message_id}/reopen")
async def reopen(message_id: Id, who: ServiceStaff, made: ServicesDep) -> MessageLine:
    """It was not settled after all; its note stays."""
    await _audible(message_id, who, made)
    now = made.clock.now()
    async with made.db.write() as session:
        message = await session.get_one(Message, message_id, with_for_update=True)
        if message.state == "done":
            message.state, message.handled_by, message.handled_at = "heard", None, None
            audit.record(
                session, now, who.account_id, "message.reopened", message_id,
                contact=message.contact_id, changes={"state": ["done", "heard"]},
            )  # fmt: skip
        await session.flush()
        return _shown((await repository.lines_of(session, [message]))[0])


async def _audible(message_id: str, who: Principal, made: Services) -> Message:
    """The row. Raises NotFound or NotPermitted."""
    async with made.db.read() as session:
        message = await repository.get(session, message_id)
        if message is None:
            raise NotFound("no such message")
        listener = _listener(who)
        if listener is not None and not await repository.may_hear(session, message_id, listener):
            raise NotPermitted("agents hear the messages of their own queues; ask a team lead for others")
        return message


def _file(message: Message, made: Services) -> FilePath:
    path = kept_file(made.settings.recordings_dir, message.path)
    if path is None:
        raise NotFound("the message's file is no longer there: it was moved or its time to be kept is over")
    return path
