"""What is on record of who was there and could take calls, against the roster: what shrinkage is measured from.

Of days that are summed (``agent_slots``), without drills.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, bindparam, select, text

from callcenter.access.tables import Account
from callcenter.db.base import HexId, UtcDateTime
from callcenter.db.engine import ReadSession
from callcenter.reporting.forecast import HALF_HOURS, WEEKS
from callcenter.reporting.shrinkage import Given, Recorded
from callcenter.reporting.summing import summed_until
from callcenter.reporting.tables import ShrinkageRow
from callcenter.roster import repository
from callcenter.roster.demand import half_hour
from callcenter.roster.shifts import DAY, Span, day_span
from callcenter.roster.tables import AbsenceRow, AssignmentRow

NOT_RESPONDING: Final = "not_responding"
"""Beside the reasons of breaks: set aside because offers rang in vain."""
SICK: Final = "sick"
_NOTICE: Final = timedelta(days=14)
"""Whoever is known to be sick so long before is planned around, as leave is."""

_CREW: Final = "NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = agent_id AND a.drill)"
_AT_WORK: Final = text(f"""
    SELECT slot, sum(staffed_s) AS staffed_s, sum(break_s + lost_s) AS away_s, sum(lost_s) AS lost_s
    FROM agent_slots WHERE slot >= :since AND slot < :until AND staffed_s > 0 AND {_CREW} GROUP BY slot
""")
_REASONS: Final = text(f"""
    SELECT reason, sum(seconds) FROM agent_break_slots
    WHERE slot >= :since AND slot < :until AND {_CREW} GROUP BY reason
""")
_THERE: Final = text("""
    SELECT coalesce(sum(there.seconds), 0) FROM unnest(:agents, :begins, :ends) AS shift (agent_id, begins, ends)
    CROSS JOIN LATERAL (
        SELECT sum(least(staffed_s, extract(epoch FROM least(slot + interval '15 minutes', shift.ends)
                                                       - greatest(slot, shift.begins)))) AS seconds
        FROM agent_slots
        WHERE agent_id = shift.agent_id AND slot > shift.begins - interval '15 minutes' AND slot < shift.ends) AS there
""").bindparams(
    bindparam("agents", type_=ARRAY(HexId)),
    bindparam("begins", type_=ARRAY(UtcDateTime)),
    bindparam("ends", type_=ARRAY(UtcDateTime)),
)


async def given(session: ReadSession) -> Given:
    """What the house entered."""
    row = await session.get(ShrinkageRow, 1)
    return Given() if row is None else Given(in_office=row.in_office, out_of_office=row.out_of_office)


async def recorded(session: ReadSession, today: date, zone: ZoneInfo) -> Recorded:
    """Of the weeks before ``today`` that a forecast is made from, as far as they are summed."""
    first, until = today - 7 * WEEKS * DAY, await summed_until(session)
    if until is None or min(until, today) <= first:
        return Recorded()
    last = min(until, today) - DAY
    within = Span(day_span(first, zone).begins, day_span(last, zone).ends)
    span = {"since": within.begins, "until": within.ends}
    at_work, away = [0.0] * HALF_HOURS, [0.0] * HALF_HOURS
    worked, lost_s = set(), 0.0
    for row in await session.execute(_AT_WORK, span):
        wall = row.slot.astimezone(zone)
        at_work[half_hour(wall)] += float(row.staffed_s)
        away[half_hour(wall)] += float(row.away_s)
        lost_s += float(row.lost_s)
        worked.add(wall.date())
    reasons = {reason: float(seconds) for reason, seconds in await session.execute(_REASONS, span)}
    rows, shifts = await _shifts(session, first, last, within, zone)
    rostered_s = sum(shift.seconds for shift in shifts)
    asked = {
        "agents": [row.account_id for row in rows],
        "begins": [shift.begins for shift in shifts],
        "ends": [shift.ends for shift in shifts],
    }
    there_s = float(await session.scalar(_THERE, asked) or 0.0)
    # Whoever fell sick is off the roster since: they would have worked as often as others.
    sick, free = _sick_days(await repository.absences(session, first, last), rows, last, zone)
    sick_s = rostered_s * sick / free if free else 0.0
    return Recorded(
        days=len(worked),
        at_work_s=at_work,
        away_s=away,
        reasons_s={**reasons, **({NOT_RESPONDING: lost_s} if lost_s else {})},
        rostered_days=len({row.day for row in rows}),
        rostered_s=rostered_s + sick_s,
        missed_s=max(0.0, rostered_s - there_s) + sick_s,
    )


async def _shifts(
    session: ReadSession, first: date, last: date, within: Span, zone: ZoneInfo
) -> tuple[list[AssignmentRow], list[Span]]:
    """What people were to work, the shift still running at the end apart."""
    drill = set(await session.scalars(select(Account.id).where(Account.drill)))
    kinds = await repository.kinds(session, all_=True)
    rows = [row for row in await repository.assignments(session, first, last) if row.account_id not in drill]
    found = [(row, shift) for row, shift in repository.on_duty(rows, kinds, zone) if shift.ends <= within.ends]
    return [row for row, _ in found], [shift for _, shift in found]


def _sick_days(
    absences: Iterable[AbsenceRow], rows: Sequence[AssignmentRow], last: date, zone: ZoneInfo
) -> tuple[int, int]:
    """Days of the agents who had shifts: on which they were sick without having been known to be, and on which they
    could have worked."""
    agents, first = {row.account_id for row in rows}, min((row.day for row in rows), default=last)
    sick, away = 0, 0
    for one in absences:
        if one.state != "approved" or one.kind not in repository.LEAVE or one.account_id not in agents:
            continue
        begins, ends = max(first, one.first_day), min(last, one.last_day)
        away += max(0, (ends - begins).days + 1)
        if one.kind == SICK:
            known = one.created_at.astimezone(zone).date() + _NOTICE
            sick += max(0, (min(ends, known - DAY) - begins).days + 1)
    return sick, max(0, len(agents) * ((last - first).days + 1) - away)
