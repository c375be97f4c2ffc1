"""The roster over HTTP: the board, shifts, minimums, assignments, coverage, sheets and calendar links.

Leads change the roster; agents read it, ask for leave and swaps, and have their own calendar link.
"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy import select

from callcenter.access import audit
from callcenter.access.guard import LeadOrAbove, ServiceStaff, public, require
from callcenter.access.roles import ACCOUNT_KEEPERS, LEADS
from callcenter.access.schemas import HEX_ID
from callcenter.access.sessions import Principal
from callcenter.access.tables import Account
from callcenter.context import A_FILE, ServicesDep
from callcenter.db.engine import ReadSession
from callcenter.errors import BadRequest, NotFound
from callcenter.roster import feed, repository, sheets
from callcenter.roster.coverage import Minimum, coverage, quarters, shortfalls, tracks
from callcenter.roster.demand import thin_stretches
from callcenter.roster.repository import Person
from callcenter.roster.requests import against, open_swaps
from callcenter.roster.room import Room, RosterRoom, short_out, thin_out
from callcenter.roster.schemas import (
    AbsenceOut,
    AdviceOut,
    AskedTrack,
    AssignmentOut,
    AssignmentsIn,
    Board,
    CoverageOut,
    FeedOut,
    ImportOut,
    MinimumShape,
    MinimumsIn,
    MoveIn,
    PersonOut,
    ProblemOut,
    ShiftIn,
    ShiftOut,
    SwapOut,
    Track,
)
from callcenter.roster.shifts import Assignment, ShiftKind, Span, check_kind, day_span, days
from callcenter.roster.tables import ShiftRow, SwapRow
from callcenter.roster.told import minimum_facts, shift_facts, shifts_facts

router = APIRouter(prefix="/api/v1/roster", tags=["roster"])

Id = Annotated[str, Path(pattern=HEX_ID)]
Code = Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,40}$")]
Keeper = Annotated[Principal, Depends(require(*ACCOUNT_KEEPERS))]
_MOST_DAYS = 100
_TOLD_S = 3600.0
"""Nobody's shift is changed for a shorter time than this in which the forecast asks for more."""
_SHEETS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def asked_days(first: date, last: date) -> tuple[date, date]:
    """The days of a request (``first`` and ``last``, both included). Raises BadRequest."""
    if not 0 <= (last - first).days < _MOST_DAYS:
        raise BadRequest(f"last must be first or up to {_MOST_DAYS - 1} days after it")
    if not 2000 <= first.year <= 2200:
        raise BadRequest("the roster knows the years 2000 to 2200")
    return first, last


async def _asked_days(first: date, last: date) -> tuple[date, date]:
    return asked_days(first, last)


Days = Annotated[tuple[date, date], Depends(_asked_days)]


def person_out(person: Person) -> PersonOut:
    return PersonOut(
        agent_id=person.agent_id,
        name=person.name,
        extension=person.extension,
        queues=sorted(person.queues),
        skills=dict(person.skills),
    )


async def _swap_out(session: ReadSession, row: SwapRow, made: RosterRoom, *, judged: bool) -> SwapOut:
    problems = await against(session, row, made.settings.zone) if judged else ()
    shifts = [
        AssignmentOut.model_validate(await repository.assignment(session, id_)) if id_ else None
        for id_ in (row.assignment_id, row.other_assignment_id)
    ]
    told = [ProblemOut.model_validate(one) for one in problems]
    return SwapOut.model_validate(row).model_copy(update={"problems": told, "given": shifts[0], "in_return": shifts[1]})


@router.get("")
async def board(span: Days, who: ServiceStaff, made: Room, services: ServicesDep) -> Board:
    """Everything on these days, and what is to be decided on any. Agents see everybody's shifts, and leave and swaps
    of their own alone."""
    first, last = span
    lead = who.role in LEADS
    async with services.db.read() as session:
        rows = await session.scalars(select(ShiftRow).order_by(ShiftRow.position, ShiftRow.code))
        return Board(
            zone=made.settings.timezone,
            today=made.today(),
            shifts=[ShiftOut.model_validate(row) for row in rows],
            people=[person_out(one) for one in (await repository.people(session)).values()],
            assignments=[
                AssignmentOut.model_validate(row) for row in await repository.assignments(session, first, last)
            ],
            absences=[
                AbsenceOut.model_validate(row)
                for row in await repository.absences(session, first, last, open_=True)
                if lead or row.account_id == who.account_id
            ],
            swaps=[
                await _swap_out(session, row, made, judged=lead)
                for row in await open_swaps(session)
                if lead or who.account_id in (row.asked_by, row.to_account_id)
            ],
            minimums=[MinimumShape.model_validate(one) for one in await repository.minimums(session)],
        )


@router.get("/coverage")
async def get_coverage(span: Days, who: LeadOrAbove, made: Room, services: ServicesDep) -> CoverageOut:
    """How many are on the roster in each quarter of an hour, and where that is too few."""
    within = _reach(span, made)
    async with services.db.read() as session:
        rostered = await made.rostered(session, within)
    return CoverageOut(
        begins=min(quarters(within), default=within.begins),
        minutes=15,
        tracks=[Track.model_validate(one) for one in tracks(*rostered)],
        shortfalls=[short_out(one) for one in shortfalls(coverage(*rostered))],
    )


@router.get("/forecast")
async def get_forecast(span: Days, who: LeadOrAbove, made: Room, services: ServicesDep) -> AdviceOut:
    """How many agents the callers expected ask for in each quarter of an hour, and where the roster keeps its minimums
    and has fewer for an hour or longer. Advice: it alarms nobody. Without a whole week of calls there is none."""
    within, zone = _reach(span, made), made.settings.zone
    demands = await made.demand()
    async with services.db.read() as session:
        rostered = await made.rostered(session, within)
    asked = {(one.queue, one.skill) for one in rostered.minimums}
    shown = [one for one in demands if not one.queue or (one.queue, "") in asked]
    return AdviceOut(
        begins=min(quarters(within), default=within.begins),
        minutes=15,
        tracks=[
            AskedTrack(
                queue=one.queue, asked=list(one.over(within, zone)), on_calls=list(one.on_calls_over(within, zone))
            )
            for one in shown
        ],
        thin=[thin_out(one) for one in thin_stretches(shown, *rostered) if one.span.seconds >= _TOLD_S],
    )


def _reach(span: tuple[date, date], made: RosterRoom) -> Span:
    first, last = span
    return Span(day_span(first, made.settings.zone).begins, day_span(last, made.settings.zone).ends)


# --- kinds of shifts and minimums ---


@router.put("/shifts/{code}")
async def put_shift(code: Code, body: ShiftIn, who: Keeper, made: Room, services: ServicesDep) -> ShiftOut:
    """Define a kind of shift, or change one. Its hours are fixed once it was worked."""
    kind = ShiftKind(code=code, **body.model_dump())
    wrong = check_kind(kind)
    if wrong:
        raise BadRequest(wrong[0].en, details=repository.details(wrong))
    async with services.db.write() as session:
        await repository.lock(session)
        there = await session.get(ShiftRow, code)
        before = ShiftOut.model_validate(there).model_dump(mode="json", exclude={"code"}) if there else {}
        await repository.set_kind(session, kind, made.today())
        answer = ShiftOut.model_validate(await session.get(ShiftRow, code))
        changed = audit.changes(before, answer.model_dump(mode="json", exclude={"code"}))
        audit.record(session, made.clock.now(), who.account_id, "roster.shift", code, changes=changed)
    made.changed()
    return answer


@router.delete("/shifts/{code}", status_code=204)
async def retire_shift(code: Code, who: Keeper, made: Room, services: ServicesDep) -> None:
    """Nobody is given it any more; what was worked stays."""
    async with services.db.write() as session:
        row = await session.get(ShiftRow, code)
        if row is None:
            raise NotFound(f"there is no shift {code}")
        row.active = False
        audit.record(session, made.clock.now(), who.account_id, "roster.shift_retired", code)


@router.put("/minimums")
async def put_minimums(body: MinimumsIn, who: Keeper, made: Room, services: ServicesDep) -> MinimumsIn:
    """All of them at once, in place of those there are."""
    async with services.db.write() as session:
        await repository.lock(session)
        wanted = [Minimum(**one.model_dump()) for one in body.minimums]
        changed = audit.changes(minimum_facts(await repository.minimums(session)), minimum_facts(wanted))
        await repository.set_minimums(session, wanted)
        audit.record(session, made.clock.now(), who.account_id, "roster.minimums", "", changes=changed)
    made.changed()
    return body


# --- assignments ---


@router.post("/assignments", status_code=201)
async def set_assignments(
    body: AssignmentsIn, who: LeadOrAbove, made: Room, services: ServicesDep
) -> list[AssignmentOut]:
    """Put shifts on the roster, all or none; what is wrong is told at once (409)."""
    wanted = [Assignment(agent_id=one.account_id, day=one.day, shift=one.shift) for one in body.assignments]
    async with services.db.write() as session:
        await repository.lock(session)
        rows = await repository.set_assignments(session, wanted, made.settings.zone, made.clock.now(), note=body.note)
        audit.record(session, made.clock.now(), who.account_id, "roster.set", rows[0].id, **shifts_facts(rows))
    made.changed()
    return [AssignmentOut.model_validate(row) for row in rows]


@router.patch("/assignments/{assignment_id}")
async def move_assignment(
    assignment_id: Id, body: MoveIn, who: LeadOrAbove, made: Room, services: ServicesDep
) -> AssignmentOut:
    """Another agent, day or kind."""
    async with services.db.write() as session:
        await repository.lock(session)
        row = await repository.assignment(session, assignment_id)
        before = shift_facts(row)
        await repository.move(
            session,
            row,
            made.settings.zone,
            made.clock.now(),
            agent_id=body.account_id,
            day=body.day,
            shift=body.shift,
        )
        changed = audit.changes(before, shift_facts(row))
        audit.record(
            session, made.clock.now(), who.account_id, "roster.moved", assignment_id, **before, changes=changed
        )
        answer = AssignmentOut.model_validate(row)
    made.changed()
    return answer


@router.delete("/assignments/{assignment_id}", status_code=204)
async def delete_assignment(assignment_id: Id, who: LeadOrAbove, made: Room, services: ServicesDep) -> None:
    """Take a shift off the roster."""
    async with services.db.write() as session:
        await repository.lock(session)
        row = await repository.assignment(session, assignment_id)
        audit.record(session, made.clock.now(), who.account_id, "roster.deleted", assignment_id, **shift_facts(row))
        await session.delete(row)
    made.changed()


# --- sheets and calendars ---


@router.get("/export.{kind}")
async def export(
    kind: Literal["csv", "xlsx"], span: Days, who: LeadOrAbove, made: Room, services: ServicesDep
) -> Response:
    """A line for each agent, a column for each day."""
    first, last = span
    async with services.db.read() as session:
        people = await repository.people(session)
        kinds = await repository.kinds(session, all_=True)
        roster = [repository.plain(row) for row in await repository.assignments(session, first, last)]
    rows = sheets.grid(people.values(), roster, days(first, last))
    if kind == "csv":
        data = sheets.to_csv(rows)
    else:
        data = await asyncio.to_thread(sheets.to_xlsx, rows, {code: one.title for code, one in kinds.items()})
    name = f"roster-{first}-{last}.{kind}"
    return Response(data, media_type=_SHEETS[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.post("/import", openapi_extra=A_FILE)
async def import_sheet(
    request: Request,
    who: LeadOrAbove,
    made: Room,
    services: ServicesDep,
    dry_run: Annotated[bool, Query()] = False,
) -> ImportOut:
    """A CSV or XLSX sheet as the body: its agents' shifts on its days become what it says, all or nothing."""
    rows = await asyncio.to_thread(sheets.read, await request.body())
    async with services.db.write() as session:
        await repository.lock(session)
        people = await repository.people(session)
        read = sheets.parse(rows, people, await repository.kinds(session))
        first, last = asked_days(read.days[0], read.days[-1])
        before = await repository.assignments(session, first, last, read.agents)
        gone = {row.id for row in before if row.day in set(read.days)}
        now = made.clock.now()
        await repository.set_assignments(session, read.shifts, made.settings.zone, now, without=gone, cells=read.cells)
        answer = ImportOut(assignments=len(read.shifts), agents=len(read.agents), first_day=first, last_day=last)
        if not dry_run:
            audit.record(
                session, made.clock.now(), who.account_id, "roster.imported", "", **answer.model_dump(mode="json")
            )
        else:
            await session.rollback()
    if not dry_run:
        made.changed()
    return answer


@router.post("/feed")
async def renew_feed(who: ServiceStaff, made: Room, services: ServicesDep) -> FeedOut:
    """A calendar link for one's own shifts; an earlier one is void."""
    async with services.db.write() as session:
        token = await feed.renew(session, who.account_id, made.clock.now())
        audit.record(session, made.clock.now(), who.account_id, "roster.feed", who.account_id)
    return FeedOut(path=f"/api/v1/roster/feed/{token}.ics")


@router.get("/feed/{token}.ics", dependencies=[Depends(public)])
async def read_feed(token: Annotated[str, Path(max_length=100)], made: Room, services: ServicesDep) -> Response:
    """One agent's shifts from a month ago to half a year ahead. The secret in the path is the permission."""
    today = made.today()
    async with services.db.read() as session:
        account_id = await feed.owner(session, token)
        account = await session.get(Account, account_id) if account_id else None
        if account is None or not account.active:
            raise NotFound("there is no such calendar (any more); make a new link on the roster page")
        rows = await repository.assignments(
            session, today - timedelta(days=31), today + timedelta(days=183), {account.id}
        )
        kinds = await repository.kinds(session, all_=True)
    data = feed.calendar(rows, kinds, made.settings.zone, account.display_name, account.language)
    return Response(data, media_type="text/calendar; charset=utf-8")
