"""What agents did, as the figures of a day read it: states that follow each other are one stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from callcenter.acd.tables import AgentStateLog
from callcenter.db.engine import Database
from callcenter.ids import new_id
from callcenter.roster.repository import stays
from callcenter.roster.shifts import Span

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


async def test_states_at_work_that_follow_each_other_are_one_stay(db: Database) -> None:
    busy, away, earlier = new_id(), new_id(), new_id()
    log = [
        (busy, "break", -30, -10),
        (busy, "ready", -10, 5),  # came into the hour ready
        (busy, "reserved", 5, 5),
        (busy, "ringing", 5, 6),
        (busy, "talking", 6, 20),
        (busy, "wrap_up", 20, 21),
        (busy, "break", 21, 30),
        (busy, "ready", 30, 35),
        (busy, "not_responding", 35, 40),
        (busy, "ready", 40, None),
        (away, "offline", -600, None),
        (earlier, "ready", -60, -5),
    ]
    async with db.write() as session:
        session.add_all(
            AgentStateLog(
                id=new_id(), account_id=who, state=state, epoch=epoch, started_at=at(begins),
                ended_at=None if ends is None else at(ends),
            )
            for epoch, (who, state, begins, ends) in enumerate(log)
        )  # fmt: skip
    async with db.read() as session:
        found = await stays(session, Span(at(0), at(60)), at(50), {busy, away, earlier})
    assert {who: [(one.state, one.span) for one in theirs] for who, theirs in found.items()} == {
        busy: [
            ("ready", Span(at(-10), at(21))),
            ("break", Span(at(21), at(30))),
            ("ready", Span(at(30), at(35))),
            ("ready", Span(at(40), at(50))),
        ]
    }
