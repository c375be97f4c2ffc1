"""Today's figures from contacts and segments, by the definitions of docs/figures.md."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from callcenter.acd.tables import AgentStateLog
from callcenter.db.engine import Database
from callcenter.ids import AgentId, new_id
from callcenter.reporting.figures import ServiceFigures
from callcenter.reporting.today import AgentDay, LiveLine, agent_days, line_peaks, service_figures
from tests.reporting.past import ANNA, BEN, MENU, MIDNIGHT, NOON, call, ring, talk, target, wait


async def figures(db: Database, now: datetime = NOON) -> dict[str, ServiceFigures]:
    async with db.read() as session:
        return {f.queue: f for f in await service_figures(session, MIDNIGHT, now)}


async def test_who_was_answered_who_gave_up_and_who_went_elsewhere(db: Database) -> None:
    await call(db, MENU, wait(10), ring(5), talk(60))  # in time
    await call(db, MENU, wait(30), ring(5), talk(60))  # late
    await call(db, MENU, wait(40))  # abandoned
    await call(db, MENU, wait(3))  # a short abandon
    await call(db, MENU, wait(50, "exit_key"), MENU, by="system")  # took another way
    await call(db, MENU)  # never reached a queue
    await call(db, MENU, wait(20), drill=True)
    await call(db, MENU, wait(20), ring(5), talk(60), at=-4000)  # yesterday's
    seen = await figures(db)
    for of in (seen["general"], seen[""]):
        assert (of.offered, of.answered, of.abandoned, of.short_abandoned, of.flowed_out) == (4, 2, 1, 1, 1)
        assert (of.connect_rate, of.service_level, of.asa_s) == (0.5, 0.25, 25.0)


async def test_a_missed_ring_is_one_wait_and_a_transfer_is_a_second_visit(db: Database) -> None:
    await call(
        db, wait(5), ring(20, result="no_answer"), wait(2), ring(3, BEN), talk(60, BEN),
        wait(8, queue="repairs"), ring(2, queue="repairs"), talk(30, queue="repairs"),
    )  # fmt: skip
    await target(db, "repairs", 15.0)
    seen = await figures(db)
    assert (seen["general"].answered, seen["general"].asa_s, seen["general"].service_level) == (1, 30.0, 0.0)
    assert (seen["repairs"].answered, seen["repairs"].asa_s, seen["repairs"].service_level) == (1, 10.0, 1.0)
    assert (seen[""].offered, seen[""].answered, seen[""].asa_s) == (1, 1, 30.0)


async def test_who_still_waits_counts_only_once_they_are_late(db: Database) -> None:
    await call(db, wait(5), ring(5), talk(5))
    await call(db, wait(0), at=12 * 3600 - 10, live=True)
    seen = (await figures(db))["general"]
    assert (seen.offered, seen.waiting, seen.connect_rate, seen.service_level) == (2, 1, 1.0, 1.0)
    seen = (await figures(db, NOON + timedelta(seconds=30)))["general"]
    assert (seen.connect_rate, seen.service_level) == (1.0, 0.5)


async def test_nothing_to_rate_is_no_rate(db: Database) -> None:
    assert set(await figures(db)) == {""}
    nothing = (await figures(db))[""]
    assert (nothing.offered, nothing.connect_rate, nothing.service_level, nothing.asa_s) == (0, None, None, None)


async def test_the_peak_counts_lines_that_were_up_together(db: Database) -> None:
    await call(db, ("menu", 100, None, None, None), at=0)
    await call(db, ("menu", 100, None, None, None), at=50, trunk="b")
    await call(db, ("menu", 100, None, None, None), at=100, trunk="b")  # as the first one ends
    await call(db, ("menu", 9, None, None, None), at=60, end_reason="lines_busy")
    await call(db, ("menu", 9, None, None, None), at=60, drill=True)
    await call(db, ("menu", 9000, None, None, None), at=-8990)  # from yesterday into today: up at midnight
    async with db.read() as session:
        assert await line_peaks(session, MIDNIGHT, ()) == {None: 2, "a": 2, "b": 2}
        live = [LiveLine(trunk="a", since=MIDNIGHT + timedelta(seconds=120))] * 3
        assert await line_peaks(session, MIDNIGHT, live) == {None: 5, "a": 3, "b": 2}


async def test_each_agents_day(db: Database) -> None:
    await call(
        db, wait(5), ring(20, result="no_answer"), ring(3, BEN), talk(60, BEN),
        ("hold", 10, "general", BEN, None), talk(20, BEN),
    )  # fmt: skip
    await call(db, wait(5), ring(5, BEN, "declined"), wait(1), ring(2), talk(30))
    async with db.read() as session:
        seen = await agent_days(session, MIDNIGHT, NOON)
    assert seen == {
        AgentId(ANNA): AgentDay(answered=1, missed=1),
        AgentId(BEN): AgentDay(answered=1, missed=0),
    }


@pytest.mark.parametrize("seconds", [5.0, 5.001])
async def test_a_short_abandon_is_one_of_five_seconds_at_most(db: Database, seconds: float) -> None:
    await call(db, wait(seconds))
    seen = (await figures(db))["general"]
    assert (seen.short_abandoned, seen.abandoned) == ((1, 0) if seconds == 5 else (0, 1))


async def test_a_break_over_midnight_counts_on_each_day_with_its_own_part(db: Database) -> None:
    def row(state: str, begin: float, end: float | None, epoch: int) -> AgentStateLog:
        at = [None if s is None else MIDNIGHT + timedelta(seconds=s) for s in (begin, end)]
        assert at[0] is not None
        return AgentStateLog(id=new_id(), account_id=ANNA, state=state, epoch=epoch, started_at=at[0], ended_at=at[1])

    async with db.write() as session:
        session.add_all(
            [
                row("break", -600, 900, 1),
                row("wrap_up", 900, 930, 2),
                row("talking", 930, 960, 3),
                row("hold", 960, 970, 4),
                row("ready", 970, None, 5),
                row("offline", -9, 0, 6),
            ]
        )
    async with db.read() as session:
        today = (await agent_days(session, MIDNIGHT, MIDNIGHT + timedelta(seconds=1000)))[AgentId(ANNA)]
        yesterday = (await agent_days(session, MIDNIGHT - timedelta(days=1), MIDNIGHT))[AgentId(ANNA)]
    assert (today.break_s, today.wrap_up_s, today.talk_s, today.online_s) == (900.0, 30.0, 40.0, 1000.0)
    assert (yesterday.break_s, yesterday.online_s) == (600.0, 600.0)
