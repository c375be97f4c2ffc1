"""Reports over days that are summed and days that are not: the same calls give the same figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.access import accounts
from callcenter.access.roles import Role
from callcenter.business.tables import Outcome
from callcenter.calls.tables import Rating
from callcenter.db.engine import Database
from callcenter.errors import BadRequest, Unavailable
from callcenter.ids import new_id
from callcenter.reporting import history
from callcenter.reporting.figures import ServiceFigures, total
from callcenter.reporting.history import By, Interval, Selection
from callcenter.reporting.summing import forget_from, sum_next_day, summed_until
from callcenter.reporting.today import service_figures
from tests.reporting.past import ANNA, BEN, MENU, MIDNIGHT, NOON, call, ring, states, talk, target, wait

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
TODAY = Selection(since=MIDNIGHT, until=MIDNIGHT + DAY)
LATER = MIDNIGHT + 9 * DAY
"""When the day is settled."""


async def sum_all(db: Database, now: datetime = LATER) -> list[str]:
    days = []
    while True:
        async with db.write() as session:
            day = await sum_next_day(session, now, ZONE)
        if day is None:
            return days
        days.append(day.isoformat())


async def service(db: Database, asked: Selection, now: datetime = LATER) -> list[dict[str, Any]]:
    async with db.read() as session:
        rows = await history.service(session, asked, now, ZONE)
    return [{"at": row.at, "key": row.key, **row.figures.report()} for row in rows]


async def a_day(db: Database) -> None:
    """Of each kind of call one at least."""
    handed = await call(
        db, MENU, wait(10), ring(5), talk(60), ("hold", 20, "general", ANNA, None), talk(10), wait(5, queue="repairs"),
        ring(3, BEN, queue="repairs"), talk(30, BEN, "repairs"), at=8 * 3600, hotline="4008001", transfers=1,
    )  # fmt: skip
    await call(db, MENU, wait(40), at=8 * 3600 + 1200, hotline="4008001", trunk="trunk-a~1234")
    await call(db, MENU, wait(3), at=9 * 3600, hotline="4008002", trunk="trunk-a")
    await call(db, MENU, wait(50, "exit_key"), MENU, at=9 * 3600, by="system", hotline="4008002")
    await call(db, MENU, at=10 * 3600, hotline="4008002")
    await call(db, MENU, at=10 * 3600, end_reason="lines_busy")
    await call(db, MENU, wait(9), drill=True)
    ours = (
        ("ring", 4.0, None, ANNA, "answered"),
        ("dial", 8.0, None, ANNA, "answered"),
        ("talk", 30.0, None, ANNA, None),
    )
    await call(db, *ours, at=11 * 3600, direction="outbound", answered_at=NOON)
    await call(db, *ours[:2], at=11 * 3600 + 60, direction="outbound")
    await states(db, ANNA, ("wrap_up", 8 * 3600 + 105, 8 * 3600 + 125), call=handed)
    await states(db, BEN, ("wrap_up", 8 * 3600 + 143, 8 * 3600 + 153), call=handed)
    async with db.write() as session:
        session.add(Rating(contact_id=handed, question="service", score=4, at=MIDNIGHT + timedelta(hours=8, minutes=3)))


async def test_what_is_summed_and_what_is_not_give_the_same_figures(db: Database) -> None:
    await a_day(db)
    asked = [
        replace(TODAY, by=by, interval=interval)
        for by in (By.TIME, By.QUEUE, By.HOTLINE, By.TRUNK)
        for interval in (Interval.WHOLE, Interval.QUARTER, Interval.HOUR, Interval.MONTH)
    ]
    await target(db, "repairs", 10.0)
    before = [await service(db, one, now=MIDNIGHT + 2 * DAY) for one in asked]
    assert await sum_all(db) == [f"2026-03-0{day}" for day in range(2, 9)]
    assert [await service(db, one) for one in asked] == before
    (whole,) = before[0]
    assert (whole["calls"], whole["refused"], whole["menu"], whole["outbound"], whole["reached"]) == (6, 1, 1, 2, 1)
    assert (whole["offered"], whole["answered"], whole["abandoned"], whole["short_abandoned"]) == (3, 1, 1, 1)
    assert (whole["flowed_out"], whole["connect_rate"], whole["longest_s"]) == (1, 0.3333, 50.0)
    assert (whole["talk_s"], whole["hold_s"], whole["wrap_s"], whole["aht_s"]) == (50.0, 10.0, 15.0, 75.0)
    by_trunk = await service(db, replace(TODAY, by=By.TRUNK))
    assert [(row["key"], row["calls"]) for row in by_trunk] == [("a", 4), ("trunk-a", 2)]


async def test_by_queue_a_caller_handed_on_counts_in_both(db: Database) -> None:
    await a_day(db)
    await target(db, "repairs", 5.0)
    rows = {row["key"]: row for row in await service(db, replace(TODAY, by=By.QUEUE))}
    assert (rows["general"]["answered"], rows["general"]["offered"], rows["general"]["asa_s"]) == (1, 3, 15.0)
    assert (rows["general"]["talk_s"], rows["general"]["hold_s"], rows["general"]["wrap_s"]) == (70.0, 20.0, 20.0)
    assert (rows["repairs"]["service_level"], rows["repairs"]["asa_s"], rows["repairs"]["wrap_s"]) == (0.0, 8.0, 10.0)
    assert (rows["general"]["ratings"], rows["repairs"]["rating"]) == (0, 4.0)
    only = await service(db, replace(TODAY, by=By.HOTLINE, queue="repairs"))
    assert [(row["key"], row["offered"]) for row in only] == [("4008001", 1)]


async def test_a_forecast_is_made_from_what_reports_count(db: Database) -> None:
    """Callers where they came first, stays in each queue; and what they took."""
    await a_day(db)
    for _ in range(2):  # from the calls, then summed
        async with db.read() as session:
            came = await history.loads(session, TODAY, LATER, ZONE)
        (whole,) = await service(db, TODAY)
        assert sum(one.callers for one in came) == whole["offered"]
        handled = sum(one.handled for one in came)
        assert sum(one.handle_s for one in came) / handled == pytest.approx(whole["aht_s"])
        for queue in await service(db, replace(TODAY, by=By.QUEUE)):
            ours = [one for one in came if one.queue == queue["key"]]
            assert sum(one.stays for one in ours) == queue["offered"]
            assert sum(one.handle_s for one in ours) / sum(one.handled for one in ours) == queue["aht_s"]
        assert {one.at for one in came} == {MIDNIGHT + timedelta(hours=hours) for hours in (8, 8.25, 9)}
        await sum_all(db)


async def test_a_report_of_today_says_what_the_wallboard_says(db: Database) -> None:
    await a_day(db)
    await call(db, wait(0), at=12 * 3600 - 30, live=True)
    await target(db, "repairs", 5.0)
    async with db.read() as session:
        board = {one.queue: one.shown() for one in await service_figures(session, MIDNIGHT, NOON)}
    (whole,) = await service(db, TODAY, NOON)
    queues = await service(db, replace(TODAY, by=By.QUEUE), NOON)
    for row in (whole, *queues):
        assert {name: row[name] for name in board[row["key"]] if name != "queue"} == {
            name: value for name, value in board[row["key"]].items() if name != "queue"
        }
    assert (whole["waiting"], len(queues)) == (1, 2)


async def test_a_stay_is_judged_by_what_its_queue_promised_then(db: Database) -> None:
    """25 seconds are in time where 30 were promised, and not where 20 were; summed or not, and whatever holds today."""
    day_s = DAY.total_seconds()
    for at in (-3600, 9 * 3600, 11 * 3600, day_s + 3600):
        await call(db, MENU, wait(20), ring(5), talk(60), at=at)
    await target(db, "general", 20.0)
    await target(db, "general", 30.0, since=10 * 3600)
    await target(db, "general", 15.0, since=day_s)
    asked = Selection(since=MIDNIGHT - DAY, until=MIDNIGHT + 2 * DAY, by=By.QUEUE, interval=Interval.DAY)
    for _ in range(2):
        rows = await service(db, asked, MIDNIGHT + 2 * DAY)
        assert [(row["answered"], row["in_time"]) for row in rows] == [(1, 0), (2, 1), (1, 0)]
        by_hotline = await service(db, replace(asked, by=By.HOTLINE, interval=Interval.WHOLE), MIDNIGHT + 2 * DAY)
        assert [(row["answered"], row["in_time"]) for row in by_hotline] == [(4, 0)]  # callers: 20 s, always
        only = await service(db, replace(asked, by=By.TIME, queue="general"), MIDNIGHT + 2 * DAY)
        assert sum(row["in_time"] for row in only) == 1
        await sum_all(db)


async def test_a_day_is_summed_once_and_can_be_summed_anew(db: Database) -> None:
    await a_day(db)
    async with db.write() as session:
        assert await sum_next_day(session, NOON + 2 * DAY, ZONE) is None  # not settled
    await sum_all(db)
    assert await sum_all(db) == []
    await call(db, MENU, wait(8), at=20 * 3600)  # came late
    assert (await service(db, TODAY))[0]["calls"] == 6
    async with db.write() as session:
        await forget_from(session, MIDNIGHT.astimezone(ZONE).date(), ZONE)
        assert (await summed_until(session) or NOON.date()).isoformat() == "2026-03-02"
    assert (await service(db, TODAY, now=MIDNIGHT + 2 * DAY))[0]["calls"] == 7
    await sum_all(db)
    assert (await service(db, TODAY))[0]["calls"] == 7


async def test_a_call_over_midnight_is_told_once(db: Database) -> None:
    await call(db, MENU, wait(5), ring(5), talk(60), at=DAY.total_seconds() - 8)  # comes to the queue on the next day
    for _ in range(2):
        first, second = [
            await service(db, replace(TODAY, since=MIDNIGHT + n * DAY, until=MIDNIGHT + (n + 1) * DAY)) for n in (0, 1)
        ]
        assert (first, second[0]["answered"]) == ([], 1)
        await sum_all(db)


async def test_agents_time_is_cut_where_a_slot_ends(db: Database) -> None:
    await a_day(db)
    async with db.write() as session:
        crew = await accounts.create(
            session, NOON, login="crew", name="Crew", role=Role.AGENT, password_hash="-", drill=True
        )
    await states(db, crew.id, ("ready", 0, 3600))
    await states(db, ANNA, ("ready", 8 * 3600, 8 * 3600 + 25), ("ringing", 8 * 3600 + 25, 8 * 3600 + 30))
    await states(db, ANNA, ("talking", 8 * 3600 + 30, 8 * 3600 + 105), ("break:meal", 8 * 3600 + 800, 8 * 3600 + 1000))
    await states(db, ANNA, ("break:meal", DAY.total_seconds() - 60, DAY.total_seconds() + 600))
    for _ in range(2):
        async with db.read() as session:
            rows = await history.agents(session, replace(TODAY, by=By.AGENT), MIDNIGHT + 2 * DAY, ZONE)
            quarters = await history.agents(
                session, replace(TODAY, by=By.AGENT, interval=Interval.QUARTER, agent_id=ANNA), LATER, ZONE
            )
        anna = {row.key: row for row in rows}[ANNA]
        told = anna.figures.report()
        assert {row.key for row in rows} == {ANNA, BEN}
        assert (told["answered"], told["offers"], told["outbound"], told["reached"]) == (1, 1, 2, 1)
        assert (told["staffed_s"], told["ready_s"], told["wrapping_s"], told["break_s"]) == (385, 25, 20, 260)
        assert (told["aht_s"], told["occupancy"], anna.breaks) == (47.5, 0.76, {"meal": 260})
        assert [row.breaks for row in quarters if row.breaks] == [{"meal": 100}, {"meal": 100}, {"meal": 60}]
        await sum_all(db)


async def test_outcomes_are_counted_where_they_were_written(db: Database) -> None:
    contact = await call(db, MENU, wait(10), ring(5), talk(60), at=100)
    async with db.write() as session:
        session.add(
            Outcome(
                id=new_id(),
                contact_id=contact,
                agent_id=ANNA,
                disposition="complaint",
                created_at=NOON,
                updated_at=NOON,
            )
        )
    async with db.read() as session:
        (row,) = await history.outcomes(session, replace(TODAY, by=By.OUTCOME), LATER, ZONE)
    assert (row.key, row.figures.report(4)["share"], row.figures.report(4)["talk_s"]) == ("complaint", 0.25, 60.0)


async def test_when_callers_come_by_weekday_and_hour(db: Database) -> None:
    await a_day(db)
    async with db.read() as session:
        grid = await history.arrivals(session, TODAY, LATER, ZONE)
    assert {(day, hour): many for day, hours in enumerate(grid) for hour, many in enumerate(hours) if many} == {
        (0, 8): 2,
        (0, 9): 2,
    }


async def test_years_that_are_not_summed_yet_are_not_read_from_the_calls(db: Database) -> None:
    await call(db, MENU, at=0)
    async with db.write() as session:
        await sum_next_day(session, MIDNIGHT + 3 * DAY, ZONE)
    asked = replace(TODAY, until=MIDNIGHT + 40 * DAY)
    with pytest.raises(Unavailable, match="still being summed"):
        await service(db, asked, MIDNIGHT + 40 * DAY)
    assert await service(db, replace(asked, until=MIDNIGHT + DAY), MIDNIGHT + 40 * DAY) != []


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (replace(TODAY, until=MIDNIGHT), "ends before it begins"),
        (replace(TODAY, since=MIDNIGHT + timedelta(minutes=1)), "full quarter"),
        (replace(TODAY, until=MIDNIGHT + 60 * DAY, interval=Interval.QUARTER), "at most 14 days"),
    ],
)
def test_a_range_that_cannot_be_told_of_says_what_to_choose(asked: Selection, says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        asked.check()


counts = st.integers(0, 50)


@given(st.lists(st.builds(ServiceFigures, answered=counts, abandoned=counts, flowed_out=counts, in_time=counts,
                          answered_wait_s=st.floats(0, 9e5), longest_s=st.floats(0, 9e5)), max_size=6))  # fmt: skip
def test_a_total_is_made_of_counts_and_not_of_averages(rows: list[ServiceFigures]) -> None:
    every = total(ServiceFigures, rows)
    answered = sum(row.answered for row in rows)
    assert every.longest_s == max((row.longest_s for row in rows), default=0.0)
    assert every.asa_s == (pytest.approx(sum(row.answered_wait_s for row in rows) / answered) if answered else None)
    assert (every.connect_rate is None) == (sum(row.offered for row in rows) == 0)
