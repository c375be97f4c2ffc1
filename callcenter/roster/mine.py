"""The roster as each agent sees it: one's own shifts, adherence, breaks, requests and who is on together with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path
from sqlalchemy import or_, select

from callcenter.access import audit
from callcenter.access.deeds import Deed
from callcenter.access.guard import ServiceStaff
from callcenter.access.schemas import HEX_ID
from callcenter.acd.messages import AgentSnapshot
from callcenter.business.tables import BreakReason
from callcenter.context import ServicesDep
from callcenter.db.engine import ReadSession
from callcenter.errors import BadRequest, NotFound, NotPermitted
from callcenter.roster import repository
from callcenter.roster.adherence import adherence_of
from callcenter.roster.repository import Person
from callcenter.roster.room import Room, RosterRoom
from callcenter.roster.schemas import AbsenceOut, ShiftOut
from callcenter.roster.schemas_mine import (
    AgreementIn,
    BreakOut,
    ColleagueOut,
    MineOut,
    MyAdherenceOut,
    MyShiftOut,
    MySwapOut,
    SwapOptionOut,
    SwapShiftOut,
)
from callcenter.roster.shifts import DAY, Assignment, ShiftKind, Span, day_span, span_of
from callcenter.roster.swaps import swap_options
from callcenter.roster.tables import AbsenceRow, AssignmentRow, FeedRow, ShiftRow, SwapRow
from callcenter.roster.told import shift_facts

router = APIRouter(prefix="/api/v1/roster", tags=["roster"])

AHEAD: Final = 14
"""Days that are shown beside today."""
BACK: Final = 30
"""Days for which what became of a request is shown."""
Id = Annotated[str, Path(pattern=HEX_ID)]


@router.get("/mine")
async def mine(who: ServiceStaff, made: Room, services: ServicesDep) -> MineOut:
    """One's own shifts from today on for two weeks, and all that belongs to them."""
    now, today = made.clock.now(), made.today()
    async with services.db.read() as session:
        people = await repository.people(session, drill=True)
        kinds = await repository.kinds(session, all_=True)
        rows = await repository.assignments(session, today - DAY, today + timedelta(days=AHEAD))
        swaps = await _swaps(session, who.account_id, now)
        own = [
            _my_shift(row, kinds, made, swapping={one.assignment_id for one in swaps if one.state == "requested"})
            for row in rows
            if row.account_id == who.account_id
        ]
        shown = [one for one in own if one.ends > now or one.day >= today]
        beside = next((one for one in shown if one.ends > now and not one.on_call), None)
        absences = await session.scalars(
            select(AbsenceRow)
            .where(AbsenceRow.account_id == who.account_id, AbsenceRow.last_day >= today - timedelta(days=7))
            .order_by(AbsenceRow.first_day, AbsenceRow.id)
        )
        return MineOut(
            zone=made.settings.timezone,
            now=now,
            today=today,
            shifts=[
                ShiftOut.model_validate(row)
                for row in await session.scalars(select(ShiftRow).order_by(ShiftRow.position, ShiftRow.code))
            ],
            mine=shown,
            beside=beside.id if beside else None,
            with_me=_with_me(beside, who.account_id, rows, kinds, people, made) if beside else [],
            absences=[AbsenceOut.model_validate(row) for row in absences],
            swaps=[await _swap_out(session, one, who.account_id, people) for one in swaps],
            adherence=await _adherence(session, who.account_id, own, now, made),
            breaks=await _breaks(session, made.break_used(who.account_id, now)),
            feed_since=await session.scalar(select(FeedRow.created_at).where(FeedRow.account_id == who.account_id)),
        )


@router.get("/mine/swaps/{assignment_id}")
async def options(assignment_id: Id, who: ServiceStaff, made: Room, services: ServicesDep) -> list[SwapOptionOut]:
    """Which colleagues could take a shift of one's own, and what of theirs could be worked in return."""
    now, today = made.clock.now(), made.today()
    async with services.db.read() as session:
        row = await repository.assignment(session, assignment_id)
        if row.account_id != who.account_id:
            raise NotFound("there is no such shift of yours (any more)")
        people = await repository.people(session, drill=True)
        drill = who.account_id in people and people[who.account_id].drill
        names = {agent_id: person.name for agent_id, person in people.items() if person.drill == drill}
        first, last = min(row.day, today), max(row.day, today + timedelta(days=AHEAD))
        roster = await repository.roster(session, first, last, made.settings.zone, names)
    return [
        SwapOptionOut(
            agent_id=one.agent_id,
            name=people[one.agent_id].name,
            extension=people[one.agent_id].extension,
            takes=one.takes,
            returns=[_swap_shift(roster.assignments[id_], id_) for id_ in one.returns],
        )
        for one in swap_options(roster, assignment_id, now)
    ]


@router.post("/swaps/{swap_id}/answer")
async def answer(swap_id: Id, body: AgreementIn, who: ServiceStaff, made: Room, services: ServicesDep) -> MySwapOut:
    """The colleague who was asked agrees, and a lead decides; or does not, and that is its end."""
    async with services.db.write() as session:
        row = await repository.open_swap(session, swap_id)
        if row.to_account_id != who.account_id:
            raise NotFound("there is no such swap asked of you (any more)")
        now = made.clock.now()
        if body.agree:
            row.agreed_at = now
        else:
            row.state, row.decided_by, row.decided_at = "refused", who.account_id, now
        deed: Deed = "roster.swap_agreed" if body.agree else "roster.swap_declined"
        given = shift_facts(await repository.assignment(session, row.assignment_id))
        audit.record(session, now, who.account_id, deed, row.id, **given)
        await session.flush()
        return await _swap_out(session, row, who.account_id, await repository.people(session, drill=True))


@router.delete("/swaps/{swap_id}", status_code=204)
async def take_back(swap_id: Id, who: ServiceStaff, made: Room, services: ServicesDep) -> None:
    """Whoever asked for it thinks better of it."""
    async with services.db.write() as session:
        row = await repository.open_swap(session, swap_id)
        if row.asked_by != who.account_id:
            raise NotPermitted("only who asked for a swap takes it back")
        given = {"colleague": row.to_account_id, **shift_facts(await repository.assignment(session, row.assignment_id))}
        await session.delete(row)
        audit.record(session, made.clock.now(), who.account_id, "roster.swap_taken_back", swap_id, **given)


# --- what the answer is made of ---


def _my_shift(row: AssignmentRow, kinds: Mapping[str, ShiftKind], made: RosterRoom, swapping: set[str]) -> MyShiftOut:
    kind = kinds[row.shift]
    span = span_of(kind, row.day, made.settings.zone)
    return MyShiftOut(
        id=row.id,
        day=row.day,
        shift=row.shift,
        begins=span.begins,
        ends=span.ends,
        on_call=kind.on_call,
        note=row.note,
        swapping=row.id in swapping,
    )


def _with_me(
    beside: MyShiftOut,
    me: str,
    rows: Sequence[AssignmentRow],
    kinds: Mapping[str, ShiftKind],
    people: Mapping[str, Person],
    made: RosterRoom,
) -> list[ColleagueOut]:
    """Colleagues whose shift shares time with mine, those who share most of it first."""
    mine_ = Span(beside.begins, beside.ends)
    at_desk: dict[str, AgentSnapshot] = {agent.profile.agent_id: agent for agent in made.agents()}
    found = []
    for row, span in repository.on_duty(rows, kinds, made.settings.zone):
        person = people.get(row.account_id)
        if person is None or row.account_id == me or person.drill != people[me].drill:
            continue
        if shared := span.common(mine_):
            seen = at_desk.get(row.account_id)
            state = seen.state.value if seen else "offline"
            found.append((-shared, person.name, _colleague(person, row.shift, span, state)))
    return [one for _, _, one in sorted(found, key=lambda entry: entry[:2])]


def _colleague(person: Person, shift: str, span: Span, state: str) -> ColleagueOut:
    return ColleagueOut(
        agent_id=person.agent_id,
        name=person.name,
        extension=person.extension,
        shift=shift,
        begins=span.begins,
        ends=span.ends,
        state=state,
    )


async def _adherence(
    session: ReadSession, me: str, own: Sequence[MyShiftOut], now: datetime, made: RosterRoom
) -> MyAdherenceOut | None:
    """Of the working day that runs: last night's shift belongs to yesterday. None: no shift on it."""
    real = [one for one in own if not one.on_call]
    running = next((one for one in real if one.begins <= now < one.ends), None)
    day = running.day if running else made.today()
    shifts = [Span(one.begins, one.ends) for one in real if one.day == day]
    if not shifts:
        return None
    whole = day_span(day, made.settings.zone)
    others = [Span(one.begins, one.ends) for one in real if one.day != day]
    reach = Span(whole.begins, whole.ends + DAY)
    stays = await repository.stays(session, reach, now, {me})
    allowed = await repository.allowances(session)
    found = adherence_of(me, day, whole, shifts, others, stays.get(me, ()), now, allowed)
    return MyAdherenceOut.model_validate(found)


async def _breaks(session: ReadSession, used: Mapping[str, float]) -> list[BreakOut]:
    """Reasons with an allowance, and others that were used."""
    rows = await session.scalars(select(BreakReason).where(BreakReason.active).order_by(BreakReason.position))
    return [
        BreakOut(
            code=row.code,
            title=row.title,
            title_en=row.title_en,
            allowance_s=None if row.allowance_minutes is None else row.allowance_minutes * 60.0,
            used_s=used.get(row.code, 0.0),
        )
        for row in rows
        if row.allowance_minutes is not None or used.get(row.code)
    ]


async def _swaps(session: ReadSession, me: str, now: datetime) -> Sequence[SwapRow]:
    """Those I asked for or am asked for, open or decided of late; the newest first."""
    rows = await session.scalars(
        select(SwapRow)
        .where(
            or_(SwapRow.asked_by == me, SwapRow.to_account_id == me),
            or_(SwapRow.state == "requested", SwapRow.created_at > now - timedelta(days=BACK)),
        )
        .order_by(SwapRow.created_at.desc(), SwapRow.id)
        .limit(50)
    )
    return rows.all()


async def _swap_out(session: ReadSession, row: SwapRow, me: str, people: Mapping[str, Person]) -> MySwapOut:
    given = await session.get(AssignmentRow, row.assignment_id)
    other = await session.get(AssignmentRow, row.other_assignment_id) if row.other_assignment_id else None
    if given is None:
        raise BadRequest("the shift of this swap is gone")  # it goes with its shift: a foreign key holds that

    def name(account_id: str) -> str:
        return people[account_id].name if account_id in people else "?"

    asked_by_me = row.asked_by == me
    return MySwapOut(
        id=row.id,
        state=row.state,
        asked_by_me=asked_by_me,
        colleague=name(row.to_account_id if asked_by_me else row.asked_by),
        given=_swap_shift(repository.plain(given), given.id),
        in_return=_swap_shift(repository.plain(other), other.id) if other else None,
        agreed=row.agreed_at is not None,
        note=row.note,
        created_at=row.created_at,
        decided_at=row.decided_at,
    )


def _swap_shift(one: Assignment, id_: str) -> SwapShiftOut:
    day: date = one.day
    return SwapShiftOut(id=id_, day=day, shift=one.shift)
