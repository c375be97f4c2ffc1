"""The audit over HTTP, for those who keep accounts: page by page, and as a sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel

from callcenter.access import audit
from callcenter.access.guard import require
from callcenter.access.roles import ACCOUNT_KEEPERS
from callcenter.access.sessions import Principal
from callcenter.cells import harmless
from callcenter.context import ServicesDep
from callcenter.trail import repository
from callcenter.trail.telling import Entry, Language, Names, deed, lines, whom
from callcenter.trail.words import GROUPS, NOBODY, Words

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])

Keeper = Annotated[Principal, Depends(require(*ACCOUNT_KEEPERS))]
_AT_ONCE: Final = 1000
"""Entries read at a time for a sheet."""
_HEAD: Final = (
    ("时间", "人员", "操作", "对象", "通话", "项目", "之前", "之后"),
    ("Time", "Who", "What", "To whom", "Call", "Field", "Before", "After"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRoom:
    """``queues``: queue → its titles, of the flows that are live."""

    queues: Callable[[], Mapping[str, Words]]


async def _room(request: Request) -> TrailRoom:
    found: TrailRoom = request.app.state.trail
    return found


Room = Annotated[TrailRoom, Depends(_room)]


class LineOut(BaseModel):
    """``before`` null: nothing changed, it is told. All in words of the language asked for."""

    field: str
    before: str | None
    after: str


class EntryOut(BaseModel):
    """``who`` null: nobody was signed in (the command line, the service itself). ``what``: the deed in words;
    ``whom``: the person or thing, by name, or empty; ``contact_id``: the call it was about."""

    id: str
    at: datetime
    who_id: str | None
    who: str | None
    action: str
    what: str
    whom: str
    contact_id: str | None
    lines: list[LineOut]


class AuditPage(BaseModel):
    entries: list[EntryOut]
    next: str | None


class GroupOut(BaseModel):
    name: str
    title: str
    title_en: str


async def _filter(
    person: Annotated[str | None, Query(pattern=r"^([0-9a-f]{32}|none)$")] = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
) -> repository.Filter:
    return repository.Filter(person=person, group=kind, since=since, until=until)


Wanted = Annotated[repository.Filter, Depends(_filter)]


@router.get("")
async def list_audit(
    who: Keeper,
    made: ServicesDep,
    room: Room,
    wanted: Wanted,
    language: Language = "zh-CN",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AuditPage:
    """Who did what to whom, newest first. ``person``: an account's id, or ``none`` for what nobody signed in did;
    ``kind``: a group of ``/audit/kinds``; ``from`` to ``to`` (not included)."""
    async with made.db.read() as session:
        found, following = await repository.page(session, wanted, cursor=cursor, limit=limit)
        names = await repository.names(session, found, room.queues())
    shown = [_shown(entry, names, language, made.settings.zone) for entry in found]
    return AuditPage(entries=shown, next=following)


@router.get("/kinds")
async def list_kinds(who: Keeper) -> list[GroupOut]:
    """The groups of deeds that one can filter by."""
    return [GroupOut(name=name, title=zh, title_en=en) for name, (zh, en) in GROUPS.items()]


@router.get("/export.csv")
async def export(
    who: Keeper, made: ServicesDep, room: Room, wanted: Wanted, language: Language = "zh-CN"
) -> StreamingResponse:
    """The same, all of it, as CSV (UTF-8 with a byte order mark): a line for each thing that changed. Who takes it
    away is in the audit too."""
    now = made.clock.now()
    span = {"begins": wanted.since, "ends": wanted.until}
    days = {name: at.astimezone(made.settings.zone).strftime("%Y-%m-%d %H:%M") for name, at in span.items() if at}
    async with made.db.write() as session:
        audit.record(
            session, now, who.account_id, "audit.exported", "", person=wanted.person, group=wanted.group, **days
        )
    until = min(wanted.until or now, now)
    frozen = repository.Filter(person=wanted.person, group=wanted.group, since=wanted.since, until=until)

    async def rows() -> AsyncIterator[bytes]:
        zone, cursor = made.settings.zone, None
        yield "\ufeff".encode() + _csv([_HEAD[language == "en"]])
        while True:
            # A unit of work for each thousand: a slow reader holds no connection.
            async with made.db.read() as session:
                found, cursor = await repository.page(session, frozen, cursor=cursor, limit=_AT_ONCE)
                names = await repository.names(session, found, room.queues())
            yield _csv([row for entry in found for row in _rows(_shown(entry, names, language, zone), language, zone)])
            if cursor is None:
                return

    name = f"audit-{now.astimezone(made.settings.zone):%Y%m%d-%H%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(rows(), media_type="text/csv; charset=utf-8", headers=headers)


def _shown(entry: Entry, names: Names, language: Language, zone: tzinfo) -> EntryOut:
    told = lines(entry, names, language, zone)
    return EntryOut(
        id=entry.id,
        at=entry.at,
        who_id=entry.account_id,
        who=names.accounts.get(entry.account_id, entry.account_id) if entry.account_id else None,
        action=entry.action,
        what=deed(entry.action, language),
        whom=whom(entry, names, language),
        contact_id=entry.contact,
        lines=[LineOut(field=one.field, before=one.before, after=one.after) for one in told],
    )


def _rows(entry: EntryOut, language: Language, zone: tzinfo) -> list[list[str]]:
    at = entry.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    head = [at, entry.who or NOBODY[language == "en"], entry.what, entry.whom, entry.contact_id or ""]
    told = entry.lines or [LineOut(field="", before=None, after="")]
    return [[*head, one.field, one.before or "", one.after] for one in told]


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([[harmless(cell) for cell in row] for row in rows])
    return out.getvalue().encode()
