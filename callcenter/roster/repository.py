"""The roster in the database. Whoever changes assignments takes one lock, so that checks hold until the commit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import Text, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from callcenter.access.agents import load_profiles
from callcenter.business.tables import BreakReason
from callcenter.db.base import HexId, UtcDateTime
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.errors import BadRequest, Conflict, NotFound
from callcenter.ids import new_id
from callcenter.roster.adherence import ON_BREAK, PRESENT, Stay
from callcenter.roster.coverage import Minimum, Worker
from callcenter.roster.shifts import DAY, Absence, Assignment, Problem, ShiftKind, Span, check, span_of
from callcenter.roster.swaps import Roster
from callcenter.roster.tables import AbsenceRow, AssignmentRow, MinimumRow, ShiftRow, SwapRow

_LOCK = 0x726F7374
_LATELY = timedelta(days=31)
_LONGEST_STAY = timedelta(days=7)
"""Nobody is in one state for longer, but offline; without a bound a day is looked for in the log of all years."""
LEAVE = ("leave", "sick", "training")
"""Kinds of absence that keep an agent off the roster once approved; the others are wishes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Worker):
    """An agent on the roster."""

    extension: str = ""
    drill: bool = False


async def people(session: ReadSession, *, drill: bool = False) -> dict[str, Person]:
    """Everybody in service who takes calls, by extension."""
    return {
        profile.agent_id: Person(
            agent_id=profile.agent_id,
            name=profile.name,
            extension=profile.extension,
            queues=frozenset(profile.queues),
            skills=profile.skills,
            drill=profile.drill,
        )
        for profile in await load_profiles(session)
        if drill or not profile.drill
    }


async def kinds(session: ReadSession, *, all_: bool = False) -> dict[str, ShiftKind]:
    """The kinds of shifts by code, in their order; retired ones too if asked."""
    query = select(ShiftRow).order_by(ShiftRow.position, ShiftRow.code)
    rows = await session.scalars(query if all_ else query.where(ShiftRow.active))
    return {
        row.code: ShiftKind(
            code=row.code,
            title=row.title,
            title_en=row.title_en,
            begins=row.begins,
            ends=row.ends,
            on_call=row.on_call,
        )
        for row in rows
    }


async def minimums(session: ReadSession) -> tuple[Minimum, ...]:
    rows = await session.scalars(select(MinimumRow).order_by(MinimumRow.queue, MinimumRow.skill, MinimumRow.id))
    return tuple(
        Minimum(begins=row.begins, ends=row.ends, need=row.need, queue=row.queue, skill=row.skill, level=row.level)
        for row in rows
    )


async def assignments(
    session: ReadSession, first: date, last: date, agents: Collection[str] | None = None
) -> Sequence[AssignmentRow]:
    """Shifts that begin on these days."""
    query = select(AssignmentRow).where(AssignmentRow.day.between(first, last))
    if agents is not None:
        query = query.where(AssignmentRow.account_id.in_(agents))
    found = await session.scalars(query.order_by(AssignmentRow.day, AssignmentRow.shift, AssignmentRow.account_id))
    return found.all()


async def in_use(session: ReadSession, today: date) -> bool:
    """Whether this house plans its people here: somebody has, or lately had, a shift. One whose plan has run out
    still does."""
    query = select(AssignmentRow.id).where(AssignmentRow.day >= today - _LATELY).limit(1)
    return await session.scalar(query) is not None


async def absences(session: ReadSession, first: date, last: date, *, open_: bool = False) -> Sequence[AbsenceRow]:
    """Leave and wishes that touch these days, whatever became of them; ``open_``: and all leave that nobody has
    decided, whenever it is."""
    meant = (AbsenceRow.first_day <= last) & (AbsenceRow.last_day >= first)
    if open_:
        meant |= (AbsenceRow.state == "requested") & AbsenceRow.kind.in_(LEAVE)
    found = await session.scalars(select(AbsenceRow).where(meant).order_by(AbsenceRow.first_day, AbsenceRow.id))
    return found.all()


def leave_of(rows: Iterable[AbsenceRow]) -> tuple[Absence, ...]:
    """Those that keep people off the roster."""
    return tuple(
        Absence(agent_id=row.account_id, first=row.first_day, last=row.last_day)
        for row in rows
        if row.kind in LEAVE and row.state == "approved"
    )


def plain(row: AssignmentRow) -> Assignment:
    return Assignment(agent_id=row.account_id, day=row.day, shift=row.shift)


def on_duty(
    rows: Iterable[AssignmentRow], kinds: Mapping[str, ShiftKind], zone: tzinfo
) -> list[tuple[AssignmentRow, Span]]:
    """Shifts in which somebody is to be there, and when; those on call apart. ``kinds``: retired ones too."""
    return [(row, span_of(kinds[row.shift], row.day, zone)) for row in rows if not kinds[row.shift].on_call]


_STAYS = (
    text("""
    WITH stay AS (
        SELECT account_id, started_at AS begins, coalesce(ended_at, greatest(:now, started_at)) AS ends,
               CASE WHEN state = :on_break THEN state WHEN state = ANY(:present) THEN 'ready' END AS state,
               CASE WHEN state = :on_break THEN reason ELSE '' END AS reason
        FROM agent_state_log
        WHERE account_id = ANY(:agents) AND started_at >= :earliest AND started_at < :ends
              AND (ended_at IS NULL OR ended_at > :begins)
    ), marked AS (
        SELECT *, CASE WHEN lag(state) OVER turn = state AND lag(reason) OVER turn = reason
                            AND lag(ends) OVER turn = begins THEN 0 ELSE 1 END AS fresh
        FROM stay WINDOW turn AS (PARTITION BY account_id ORDER BY begins, ends)
    ), numbered AS (
        SELECT *, sum(fresh) OVER (PARTITION BY account_id ORDER BY begins, ends) AS number FROM marked
    )
    SELECT account_id, state, reason, min(begins) AS begins, max(ends) AS ends FROM numbered
    WHERE state IS NOT NULL GROUP BY account_id, number, state, reason ORDER BY min(begins)
""")
    .bindparams(
        bindparam("agents", type_=ARRAY(HexId)),
        bindparam("present", sorted(PRESENT), type_=ARRAY(Text)),
        bindparam("on_break", ON_BREAK, type_=Text),
        *(bindparam(name, type_=UtcDateTime) for name in ("now", "earliest", "begins", "ends")),
    )
    .columns(account_id=HexId, state=Text, reason=Text, begins=UtcDateTime, ends=UtcDateTime)
)


async def stays(session: ReadSession, within: Span, now: datetime, agents: Collection[str]) -> dict[str, list[Stay]]:
    """When agents were at work (``ready``) and on a break, by agent; what lasts ends ``now``.

    A busy agent is in hundreds of states a day. The database joins those that follow each other, so that the figures
    of everybody's day do not hold up the calls of this one.
    """
    asked = {"agents": list(agents), "begins": within.begins, "ends": within.ends, "now": now}
    asked["earliest"] = within.begins - _LONGEST_STAY
    found: dict[str, list[Stay]] = {}
    for account_id, state, reason, begins, ends in await session.execute(_STAYS, asked):
        found.setdefault(account_id, []).append(Stay(state=state, span=Span(begins, ends), reason=reason))
    return found


async def allowances(session: ReadSession) -> dict[str, float]:
    """Reason of a break → seconds a working day, of those that have a limit."""
    rows = await session.execute(select(BreakReason.code, BreakReason.allowance_minutes))
    return {code: minutes * 60.0 for code, minutes in rows if minutes is not None}


async def roster(session: ReadSession, first: date, last: date, zone: tzinfo, names: Mapping[str, str]) -> Roster:
    """All of these people's that bears on what they could work on these days."""
    first, last = first - 2 * DAY, last + 2 * DAY
    rows = await assignments(session, first, last)
    return Roster(
        assignments={row.id: plain(row) for row in rows if row.account_id in names},
        kinds=await kinds(session, all_=True),
        names=names,
        zone=zone,
        absences=leave_of(await absences(session, first, last)),
    )


# --- changes ---


async def lock(session: WriteSession) -> None:
    """Until the end of the transaction nobody else changes the roster."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def decided(state: str) -> Problem:
    """Of a request that somebody has decided."""
    zh = {"approved": "批准", "refused": "拒绝"}.get(state, "处理")
    return Problem(code="decided", zh=f"这个申请已经{zh}了", en=f"this request is {state} already")


async def open_swap(session: WriteSession, swap_id: str) -> SwapRow:
    """Raises NotFound, or Conflict when it is decided. Takes the roster's lock."""
    await lock(session)
    row = await session.get(SwapRow, swap_id)
    if row is None:
        raise NotFound("there is no such swap (any more)")
    if row.state != "requested":
        raise refuse([decided(row.state)])
    return row


def details(problems: Iterable[Problem]) -> dict[str, object]:
    """Of an error: everything that is wrong, in both languages."""
    told = [{"code": one.code, "zh": one.zh, "en": one.en, "row": one.row} for one in problems]
    return {"problems": told}


def refuse(problems: Sequence[Problem]) -> Conflict:
    """All that is wrong in one error."""
    shown = "; ".join(problem.en for problem in problems[:5])
    more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
    return Conflict(shown + more, details=details(problems))


async def _refuse_unfit(
    session: ReadSession,
    wanted: Sequence[Assignment],
    zone: tzinfo,
    without: Collection[str],
    cells: Sequence[str] = (),
) -> None:
    """Raises Conflict with everything that is wrong with shifts beside those that stay; rows count ``wanted``.
    ``without``: ids of assignments that go; ``cells``: where each of ``wanted`` stands."""
    if not wanted:
        return
    names = {agent_id: person.name for agent_id, person in (await people(session, drill=True)).items()}
    known = await kinds(session, all_=True)
    first, last = min(one.day for one in wanted), max(one.day for one in wanted)
    near = await assignments(session, first - 2 * DAY, last + 2 * DAY, {one.agent_id for one in wanted})
    staying = [plain(row) for row in near if row.id not in without and row.account_id in names]
    leave = leave_of(await absences(session, first, last))
    problems = [
        replace(problem, row=problem.row - len(staying))
        for problem in check([*staying, *wanted], known, names, zone, leave)
        if problem.row > len(staying)
    ]
    if cells:
        named = ((one, cells[one.row - 1]) for one in problems)
        problems = [replace(one, zh=f"{cell}：{one.zh}", en=f"{cell}: {one.en}") for one, cell in named]
    if problems:
        raise refuse(problems)


async def set_assignments(
    session: WriteSession,
    wanted: Sequence[Assignment],
    zone: tzinfo,
    now: datetime,
    *,
    without: Collection[str] = (),
    note: str = "",
    cells: Sequence[str] = (),
) -> list[AssignmentRow]:
    """Add shifts, all or none. Call :func:`lock` first. Raises Conflict with everything that is wrong.

    ``without``: ids of assignments that go; ``cells``: where each shift stands in a sheet, for the problems to name.
    """
    await _refuse_unfit(session, wanted, zone, without, cells)
    if without:
        await session.execute(delete(AssignmentRow).where(AssignmentRow.id.in_(without)))
    made = [
        AssignmentRow(
            id=new_id(),
            account_id=one.agent_id,
            day=one.day,
            shift=one.shift,
            note=note,
            created_at=now,
            updated_at=now,
        )
        for one in wanted
    ]
    session.add_all(made)
    await session.flush()
    return made


async def assignment(session: ReadSession, assignment_id: str) -> AssignmentRow:
    """Raises NotFound."""
    found = await session.get(AssignmentRow, assignment_id)
    if found is None:
        raise NotFound("there is no such shift on the roster (any more)")
    return found


async def move(
    session: WriteSession,
    row: AssignmentRow,
    zone: tzinfo,
    now: datetime,
    *,
    agent_id: str | None = None,
    day: date | None = None,
    shift: str | None = None,
) -> AssignmentRow:
    """Another agent, day or kind for a shift. Raises Conflict and changes nothing when it does not fit."""
    await replace_many(
        session,
        [(row, Assignment(agent_id=agent_id or row.account_id, day=day or row.day, shift=shift or row.shift))],
        zone,
        now,
    )
    return row


async def replace_many(
    session: WriteSession, changes: Sequence[tuple[AssignmentRow, Assignment]], zone: tzinfo, now: datetime
) -> None:
    """Change assignments in place, so that they keep their ids. Raises Conflict with everything that is wrong."""
    await _refuse_unfit(session, [new for _, new in changes], zone, {row.id for row, _ in changes})
    for row, new in changes:
        row.account_id, row.day, row.shift, row.updated_at = new.agent_id, new.day, new.shift, now
    await session.flush()


async def clear(session: WriteSession, agents: Collection[str], first: date, last: date) -> int:
    """Take shifts off the roster; how many."""
    found = await session.execute(
        delete(AssignmentRow)
        .where(AssignmentRow.account_id.in_(agents), AssignmentRow.day.between(first, last))
        .returning(AssignmentRow.id)
    )
    return len(found.all())


async def set_minimums(session: WriteSession, wanted: Sequence[Minimum]) -> None:
    await session.execute(delete(MinimumRow))
    session.add_all(
        MinimumRow(
            id=new_id(),
            begins=one.begins,
            ends=one.ends,
            need=one.need,
            queue=one.queue,
            skill=one.skill,
            level=one.level,
        )
        for one in wanted
    )


async def set_kind(session: WriteSession, kind: ShiftKind, today: date) -> None:
    """Define or change a kind of shift. Raises BadRequest when its times would change under shifts that are over:
    the past must read as it was worked."""
    row = await session.get(ShiftRow, kind.code)
    if row is not None and (row.begins, row.ends) != (kind.begins, kind.ends):
        used = await session.scalar(
            select(func.count()).where(AssignmentRow.shift == kind.code, AssignmentRow.day < today)
        )
        if used:
            told = Problem(
                code="worked",
                zh=f"班次 {kind.title} 已上过 {used} 次，时间不能再改；请另建一个，停用这个",
                en=f"shift {kind.code} was worked {used} times: its hours cannot change. Define another one, retire it",
            )
            raise BadRequest(told.en, details=details([told]))
    if row is None:
        position = await session.scalar(select(func.coalesce(func.max(ShiftRow.position), 0))) or 0
        row = ShiftRow(code=kind.code, position=position + 1)
        session.add(row)
    row.title, row.title_en, row.begins, row.ends = kind.title, kind.title_en, kind.begins, kind.ends
    row.on_call, row.active = kind.on_call, True
    await session.flush()
