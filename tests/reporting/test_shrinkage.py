"""How much of their time people cannot take calls: from what is on record, what the house says, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from callcenter.access.tables import Account
from callcenter.db.engine import Database
from callcenter.ids import new_id
from callcenter.reporting import attendance
from callcenter.reporting.shrinkage import (
    IN_OFFICE,
    LARGEST,
    OUT_OF_OFFICE,
    Given,
    Recorded,
    Shrinkage,
    Source,
    scheduled,
    shrinkage,
)
from callcenter.reporting.summing import sum_next_day
from callcenter.roster.tables import AbsenceRow, AssignmentRow
from tests.reporting.past import MIDNIGHT, states

SHANGHAI = ZoneInfo("Asia/Shanghai")
SHARES = st.floats(0, LARGEST)


def on_record(
    away: float, *, days: int = 56, hours: float = 40.0, missed: float | None = 0.03, **more: object
) -> Recorded:
    """The same in each half hour: ``hours`` logged on, ``away`` of it on a break; ``missed`` of 1000 rostered hours."""
    rostered = {} if missed is None else {"rostered_days": 56, "rostered_s": 3.6e6, "missed_s": missed * 3.6e6}
    values: dict[str, object] = {
        "days": days,
        "at_work_s": (hours * 3600,) * 48,
        "away_s": (away * hours * 3600,) * 48,
        "reasons_s": {"meal": away * hours * 3600 * 48},
        **rostered,
        **more,
    }
    return Recorded(**values)  # type: ignore[arg-type]


def told(found: Shrinkage) -> list[tuple[float, str]]:
    return [(round(part.share, 4), part.source.value) for part in (found.in_office, found.out_of_office)]


@pytest.mark.parametrize(
    ("recorded", "given", "expected"),
    [
        (Recorded(), Given(), [(IN_OFFICE, "default"), (OUT_OF_OFFICE, "default")]),
        (on_record(0.12), Given(), [(0.12, "measured"), (0.03, "measured")]),
        (on_record(0.12), Given(in_office=0.2), [(0.2, "house"), (0.03, "measured")]),
        (on_record(0.12), Given(in_office=0.0, out_of_office=0.0), [(0.0, "house"), (0.0, "house")]),
        # Six days, or too few hours: not yet.
        (on_record(0.12, days=6, missed=None), Given(), [(IN_OFFICE, "default"), (OUT_OF_OFFICE, "default")]),
        (on_record(0.12, hours=2.0), Given(), [(IN_OFFICE, "default"), (0.03, "measured")]),
        (on_record(0.12, rostered_days=27), Given(), [(0.12, "measured"), (OUT_OF_OFFICE, "default")]),
        # A roster that nobody keeps to says nothing of who falls sick.
        (on_record(0.6, missed=0.83), Given(), [(IN_OFFICE, "default"), (OUT_OF_OFFICE, "default")]),
    ],
)  # fmt: skip
def test_where_a_share_is_taken_from(recorded: Recorded, given: Given, expected: list[tuple[float, str]]) -> None:
    assert told(shrinkage(recorded, given)) == expected


def test_what_was_not_believed_is_told_all_the_same() -> None:
    found = shrinkage(on_record(0.12, missed=0.83), Given())
    assert (found.out_of_office.measured, found.out_of_office.days) == (0.83, 56)
    assert shrinkage(on_record(0.12, days=3), Given()).in_office.measured is None


def test_a_half_hour_with_much_on_record_stands_for_itself_and_one_with_little_for_the_day() -> None:
    at_work, away = [36_000.0] * 48, [3600.0] * 48  # ten hours each, one of them on a break
    at_work[24], away[24] = 720_000.0, 288_000.0  # noon: 200 hours, 80 of them at table
    at_work[6], away[6] = 0.0, 0.0
    at_work[40], away[40] = 180_000.0, 180_000.0  # a team meeting every evening
    found = shrinkage(on_record(0.1, at_work_s=at_work, away_s=away), Given())
    day = found.in_office.share
    assert found.by_half_hour[6] == pytest.approx(day)
    assert abs(found.by_half_hour[0] - day) < abs(0.1 - day)
    assert day < found.by_half_hour[24] == pytest.approx((80 + 20 * day) / 220)
    assert found.by_half_hour[40] == LARGEST
    assert shrinkage(on_record(0.1, at_work_s=at_work, away_s=away), Given(in_office=0.2)).by_half_hour == (0.2,) * 48


@pytest.mark.parametrize(
    ("productive", "lost", "expected"),
    [
        (0, 0.3, 0), (9, 0.25, 12), (24, 0.3, 35), (100, 0.4, 167), (1, 0.05, 2), (8, 0.0, 8),
        (9, 0.1, 10),  # 9 / 0.9 is ten and no more, also in floating point
        (81, 1 - 0.9 * 0.9, 100),
    ],
)  # fmt: skip
def test_who_must_be_rostered_for_so_many_at_their_desks(productive: int, lost: float, expected: int) -> None:
    """24 and 30 %, and 100 and 40 %, are the trade's own examples."""
    assert scheduled(productive, lost) == expected


@any_of(st.integers(0, 2000))
def test_without_shrinkage_it_is_erlangs(productive: int) -> None:
    assert scheduled(productive, 0.0) == productive
    nothing = shrinkage(on_record(0.3), Given(in_office=0.0, out_of_office=0.0))
    assert {scheduled(productive, nothing.of(number)) for number in range(48)} == {productive}


@any_of(st.integers(0, 2000), SHARES, SHARES)
def test_more_shrinkage_never_asks_for_fewer(productive: int, some: float, other: float) -> None:
    less, more = sorted((some, other))
    assert productive <= scheduled(productive, less) <= scheduled(productive, more)
    of_these = scheduled(productive, more)
    assert of_these * (1 - more) >= productive - 1e-6  # enough are at their desks …
    assert of_these == 0 or (of_these - 1) * (1 - more) < productive  # … and with one fewer they are not


@any_of(SHARES, SHARES, SHARES)
def test_both_parts_are_shares_of_what_the_other_left(inside: float, absent: float, more: float) -> None:
    found = shrinkage(Recorded(), Given(in_office=inside, out_of_office=absent))
    assert 1 - found.whole == pytest.approx((1 - inside) * (1 - absent))
    assert max(inside, absent) - 1e-12 <= found.of(0) <= inside + absent + 1e-12
    worse = shrinkage(Recorded(), Given(in_office=max(inside, more), out_of_office=absent))
    assert worse.of(7) >= found.of(7)


# --- from the records, through PostgreSQL ---

LAST = date(2026, 3, 1)
"""The newest day that is summed; ``MIDNIGHT`` begins the day after it."""


def begins(day: date, hour: float) -> float:
    """Seconds from MIDNIGHT, as ``states`` has them."""
    wall = datetime.combine(day, time(), SHANGHAI) + timedelta(hours=hour)
    return (wall - MIDNIGHT).total_seconds()


async def worked(db: Database, agent: str, day: date, *stretches: tuple[str, float, float]) -> None:
    """State, from and until in hours of the site's day."""
    await states(db, agent, *((state, begins(day, since), begins(day, until)) for state, since, until in stretches))


async def agents(db: Database, count: int, *, drill: bool = False) -> list[str]:
    made = [new_id() for _ in range(count)]
    async with db.write() as session:
        session.add_all(
            Account(
                id=one, login=one, display_name=one, role="agent", password_hash="", drill=drill, created_at=MIDNIGHT
            )
            for one in made
        )
    return made


async def rostered(db: Database, agent: str, days: Sequence[date], shift: str) -> None:
    async with db.write() as session:
        session.add_all(
            AssignmentRow(id=new_id(), account_id=agent, day=day, shift=shift, created_at=MIDNIGHT, updated_at=MIDNIGHT)
            for day in days
        )


async def absent(
    db: Database, agent: str, kind: str, first: date, last: date, known: date, state: str = "approved"
) -> None:
    async with db.write() as session:
        session.add(
            AbsenceRow(
                id=new_id(), account_id=agent, kind=kind, first_day=first, last_day=last, state=state,
                created_at=datetime.combine(known, time(9), SHANGHAI),
            )
        )  # fmt: skip


async def test_breaks_and_absence_are_measured_from_the_log_and_the_roster(db: Database) -> None:
    anna, ben, cora = await agents(db, 3)
    (drill,) = await agents(db, 1, drill=True)
    today = LAST + timedelta(days=3)  # two days are never summed yet
    ten = [LAST - timedelta(days=n) for n in range(9, -1, -1)]
    for day in ten[:8]:  # early, 8 to 20: an hour of meal, half an hour of training, a quarter not answering
        await worked(
            db, anna, day, ("break:logged_in", 8, 8.25), ("ready", 8.25, 12), ("break:meal", 12, 13),
            ("talking", 13, 18), ("break:training", 18, 18.5), ("not_responding", 18.5, 18.75), ("ready", 18.75, 20),
        )  # fmt: skip
        await worked(db, drill, day, ("break:meal", 8, 20))
    await rostered(db, anna, ten, "early")  # the last two days nobody came
    await rostered(db, drill, ten, "early")
    # A night belongs to the day it begins on; the last one is still running where the sums end.
    await rostered(db, ben, [ten[0], ten[-1]], "night")
    await worked(db, ben, ten[0], ("ready", 21, 32))  # an hour late
    # Sick from the fourth day on, known the day before; leave does not count, nor does what is asked for, nor what has
    # been known for long.
    await rostered(db, cora, [ten[0]], "early")
    await worked(db, cora, ten[0], ("ready", 8, 20))
    await absent(db, cora, "sick", ten[3], ten[4], known=ten[2])
    await absent(db, anna, "leave", ten[0] - timedelta(days=9), ten[0] - timedelta(days=2), known=ten[0])
    await absent(db, ben, "sick", ten[5], ten[6], known=ten[5], state="requested")
    await absent(db, ben, "sick", ten[7], ten[7], known=ten[7] - timedelta(days=14))
    now = datetime.combine(today, time(10), SHANGHAI).astimezone(UTC)
    while True:
        async with db.write() as session:
            if await sum_next_day(session, now, SHANGHAI) is None:
                break
    async with db.read() as session:
        found = await attendance.recorded(session, today, SHANGHAI)
    hour = 3600.0
    assert found.days == 8
    assert sum(found.at_work_s) == pytest.approx((8 * 12 + 11 + 12) * hour)
    assert (found.at_work_s[24], found.away_s[24]) == pytest.approx((9 * hour / 2, 8 * hour / 2))  # noon
    assert found.at_work_s[0] == pytest.approx(hour / 2)  # the night after midnight
    assert {reason: round(seconds / hour, 3) for reason, seconds in found.reasons_s.items()} == {
        "logged_in": 2.0, "meal": 8.0, "training": 4.0, attendance.NOT_RESPONDING: 2.0,
    }  # fmt: skip
    # 10 + 1 early and 1 night of 12 hours; three people's ten days, three of them away.
    sick = 12 * 12 * hour * 2 / (3 * 10 - 3)
    assert found.rostered_days == 10
    assert found.rostered_s == pytest.approx(12 * 12 * hour + sick)
    assert found.missed_s == pytest.approx((2 * 12 + 1) * hour + sick)


async def test_without_a_summed_day_nothing_is_on_record(db: Database) -> None:
    async with db.read() as session:
        found = await attendance.recorded(session, LAST, SHANGHAI)
        assert found == Recorded()
        assert await attendance.given(session) == Given()
    assert shrinkage(found, Given()).in_office.source is Source.DEFAULT
