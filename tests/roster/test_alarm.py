"""The alarm of too few people, on a real database: incidents that begin and end by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from callcenter.access import accounts
from callcenter.access.roles import Role
from callcenter.acd import messages as m
from callcenter.db.engine import Database
from callcenter.ids import AgentId
from callcenter.roster import repository
from callcenter.roster.alarm import CoverageAlarm
from callcenter.roster.coverage import Minimum, Worker, short_now
from callcenter.roster.room import RosterRoom
from callcenter.roster.shifts import Assignment
from callcenter.settings import Settings
from callcenter.spool.shipping import Shipper
from callcenter.spool.store import Spool
from callcenter.watch import incidents
from callcenter.watch.incidents import IncidentBook
from tests.house import MovableClock

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 at the site
ZONE = Settings().zone
BY_DAY = Minimum(begins=time(8), ends=time(20), need=2)
EVENING = Minimum(begins=time(18), ends=time(22), need=1, queue="repairs")


class Site:
    """Two people, their roster, and who of them is here."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db, self.clock, self.spool = db, MovableClock(MORNING), Spool(folder)
        self.ids: list[str] = []
        self.here: dict[str, m.AgentSnapshot] = {}
        self.room = RosterRoom(settings=Settings(), clock=self.clock, agents=lambda: self.here.values())
        self.begin()

    def begin(self) -> None:
        """The service starts (anew)."""
        self.book = IncidentBook(self.spool, self.clock)
        self.alarm = CoverageAlarm(self.room, self.db, self.clock, self.book)
        self.room.on_changed[:] = [self.alarm.roster_changed]

    def come(self, agent_id: str, state: m.AgentState = m.AgentState.READY) -> None:
        profile = m.AgentProfile(agent_id=AgentId(agent_id), name="n", extension="1", seat="s", queues={"general": 1})
        snapshot = m.AgentSnapshot(profile=profile, state=state, since=self.clock.at, epoch=1, cause="test")
        self.here[agent_id] = snapshot
        self.alarm.seen(snapshot)

    async def assign(self, *wanted: tuple[str, date, str]) -> None:
        shifts = [Assignment(agent_id=who, day=day, shift=kind) for who, day, kind in wanted]
        async with self.db.write() as session:
            await repository.set_assignments(session, shifts, ZONE, MORNING)
        self.room.changed()

    async def told(self) -> list[tuple[str, str, bool]]:
        """What the alarm has to say at this moment: (kind, text, still open), newest first."""
        await self.alarm._look()
        await Shipper(self.spool, self.db, self.clock, {incidents.SAID: incidents.write_said}).drain()
        async with self.db.read() as session:
            rows: list[dict[str, Any]] = list(await incidents.listed(session, limit=50))
        return [(row["kind"], row["text"], not row["by_itself"]) for row in rows]


@pytest.fixture
async def site(db: Database, tmp_path: Path) -> Site:
    made = Site(db, tmp_path)
    async with db.write() as session:
        for number in ("1001", "1002"):
            account = await accounts.create(
                session, MORNING, login=number, name=number, role=Role.AGENT, password_hash="x", extension=number
            )
            made.ids.append(account.id)
        await repository.set_minimums(session, [BY_DAY, EVENING])
    return made


async def test_too_few_here_is_an_incident_after_five_minutes_and_ends_when_they_come(site: Site) -> None:
    anna, ben = site.ids
    assert await site.told() == [], "without a roster there is nothing that anybody promised"
    async with site.db.write() as session:
        await repository.set_minimums(session, [BY_DAY])
    await site.assign((anna, date(2026, 3, 2), "early"), (ben, date(2026, 3, 2), "early"))
    site.come(anna)
    site.come(ben, m.AgentState.NOT_RESPONDING)
    assert await site.told() == []
    site.clock.advance(minutes=4, seconds=59)
    assert await site.told() == []
    site.clock.advance(seconds=1)
    assert await site.told() == [("staff_short", "1 here now, of at least 2", True)]
    site.begin()
    assert [still for _, _, still in await site.told()] == [True], "a service that starts anew ends nothing"
    site.clock.advance(minutes=5)
    assert [still for _, _, still in await site.told()] == [True]
    site.come(ben, m.AgentState.BREAK)
    assert [still for _, _, still in await site.told()] == [False]
    site.clock.at = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    site.here.clear()
    site.clock.advance(minutes=30)
    assert [still for kind, _, still in await site.told() if kind == "staff_short"] == [False], "nobody has to be here"


async def test_a_roster_that_falls_short_within_twelve_hours_is_told_ahead(site: Site) -> None:
    anna, ben = site.ids
    site.come(anna)
    site.come(ben)
    await site.assign((anna, date(2026, 3, 2), "early"), (ben, date(2026, 3, 2), "early"))
    evening = "03-02 18:00 to 22:00: 0 on the roster for queue repairs, of at least 1"
    assert await site.told() == [("roster_short", evening, True)]
    async with site.db.write() as session:
        await repository.set_minimums(session, [BY_DAY, replace(EVENING, need=2)])
    site.room.changed()
    evening = evening.replace("at least 1", "at least 2")
    assert await site.told() == [("roster_short", evening, True)], "its words follow the roster"
    site.clock.advance(hours=10)
    assert len(await site.told()) == 1, "a stretch that runs is the same as before it began"
    async with site.db.write() as session:
        await repository.set_minimums(session, [replace(EVENING, queue="")])
    await site.assign((anna, date(2026, 3, 3), "early"), (ben, date(2026, 3, 3), "night"))
    later = ("roster_short", "03-02 20:00 to 22:00: 0 on the roster, of at least 1", True)
    assert await site.told() == [later, ("roster_short", evening, False)]
    async with site.db.write() as session:
        await repository.set_minimums(session, [])
    site.begin()
    site.clock.advance(minutes=1)
    assert [still for _, _, still in await site.told()] == [False, False], "an earlier process had left it open"


async def test_it_wakes_by_itself_when_somebody_leaves(site: Site) -> None:
    looked = asyncio.Event()
    look = site.alarm._look

    async def seen() -> datetime:
        until = await look()
        looked.set()
        return until

    site.alarm._look = seen  # type: ignore[method-assign]
    async with running(site):
        await asyncio.wait_for(looked.wait(), 20)
        looked.clear()
        site.come(site.ids[0])
        await asyncio.wait_for(looked.wait(), 20)


@asynccontextmanager
async def running(site: Site) -> AsyncIterator[None]:
    task = asyncio.create_task(site.alarm.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_a_queue_has_a_minimum_of_its_own_and_of_two_the_higher_counts() -> None:
    here = [Worker(agent_id="a", queues=frozenset({"general"})), Worker(agent_id="b", queues=frozenset({"repairs"}))]
    at_seven = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
    higher = replace(BY_DAY, need=4)
    short = short_now(here, [BY_DAY, higher, EVENING, replace(EVENING, skill="gas")], at_seven, ZONE)
    assert [(one.minimum.need, one.here, one.minimum.skill) for one in short] == [(4, 2, ""), (1, 0, "gas")]
