"""Recordings over HTTP: which there are of a call, their sound by byte range, and their shape for the player.

Agents hear their own calls; leads hear all, and each time somebody fetches a recording from its beginning is in the
audit.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path as FilePath
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Path, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel
from sqlalchemy import select

from callcenter.access import audit
from callcenter.access.guard import ServiceStaff
from callcenter.access.roles import LEADS
from callcenter.access.schemas import HEX_ID
from callcenter.access.sessions import Principal
from callcenter.business import outcomes
from callcenter.context import Services, ServicesDep
from callcenter.db.engine import ReadSession
from callcenter.errors import Conflict, NotFound, NotPermitted
from callcenter.recording import repository
from callcenter.recording.playback import from_its_beginning, kept_file, sound
from callcenter.recording.tables import Recording
from callcenter.recording.waveform import cached_peaks

router = APIRouter(prefix="/api/v1", tags=["recordings"])

Id = Annotated[str, Path(pattern=HEX_ID)]


class RecordingLine(BaseModel):
    """``status``: only a ``sealed`` one can be heard; ``empty`` means that nothing was said. ``seconds``: None
    until it is sealed. ``channels``: 2, the caller left and the agent right."""

    id: str
    status: Literal["capturing", "sealing", "sealed", "failed", "empty"]
    seconds: float | None
    channels: int | None
    started_at: datetime
    error: str | None


class Waveform(BaseModel):
    """``left`` (caller) and ``right`` (agent): up to 600 peaks from 0 to 1 over ``seconds``."""

    seconds: float
    left: list[float]
    right: list[float]


async def _see_permitted(session: ReadSession, who: Principal, made: Services, contact_id: str) -> None:
    """Raises NotPermitted when the call is neither theirs nor theirs to look after."""
    if who.role in LEADS or made.in_call(contact_id, who.account_id):
        return
    if not await outcomes.belongs_to(session, contact_id, who.account_id):
        raise NotPermitted("agents hear their own calls; ask a team lead for others")


@router.get("/contacts/{contact_id}/recordings")
async def list_recordings(contact_id: Id, who: ServiceStaff, made: ServicesDep) -> list[RecordingLine]:
    """All recordings of one call, oldest first."""
    query = select(Recording).where(Recording.contact_id == contact_id).order_by(Recording.started_at)
    async with made.db.read() as session:
        await _see_permitted(session, who, made, contact_id)
        rows = list(await session.scalars(query))
    return [
        RecordingLine.model_validate(
            {
                "id": row.id,
                "status": row.state,
                "seconds": None if row.duration_ms is None else row.duration_ms / 1000,
                "channels": row.channels,
                "started_at": row.started_at,
                "error": row.error,
            }
        )
        for row in rows
    ]


@router.get("/recordings/{recording_id}/audio", response_class=FileResponse)
async def audio(recording_id: Id, request: Request, who: ServiceStaff, made: ServicesDep) -> FileResponse:
    """The sealed WAV (8 kHz, 16 bit, two channels), whole or by ``Range``."""
    row, path = await _sealed(recording_id, who, made)
    if from_its_beginning(request):
        async with made.db.write() as session:
            audit.record(session, made.clock.now(), who.account_id, "recording.heard", row.id, contact=row.contact_id)
    return sound(path)


@router.get("/recordings/{recording_id}/waveform")
async def waveform(recording_id: Id, who: ServiceStaff, made: ServicesDep) -> Waveform:
    """The loudness over time of each channel, computed once and kept beside the WAV."""
    _, path = await _sealed(recording_id, who, made)
    shape = orjson.loads(await asyncio.to_thread(cached_peaks, path))
    left, right = ([peak / 100 for peak in channel] for channel in shape["channels"])
    return Waveform(seconds=shape["duration_ms"] / 1000, left=left, right=right)


async def _sealed(recording_id: str, who: Principal, made: Services) -> tuple[Recording, FilePath]:
    """The row and the file. Raises NotFound, NotPermitted, or Conflict while (or because) there is no sound."""
    async with made.db.read() as session:
        row = await repository.get(session, recording_id)
        if row is None:
            raise NotFound("no such recording")
        await _see_permitted(session, who, made, row.contact_id)
    if row.state in repository.UNSEALED:
        raise Conflict("this call is still being recorded; its recording is ready a moment after it ends")
    if row.state != "sealed":
        raise Conflict("nothing was said in this call" if row.state == "empty" else f"recording lost: {row.error}")
    path = kept_file(made.settings.recordings_dir, row.path)
    if path is None:
        raise NotFound("the recording's file is no longer there: it was moved or its time to be kept is over")
    return row, path
