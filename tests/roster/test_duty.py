"""The desk and the roster: who is about to leave is spared, until a call needs anybody."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callcenter.access import accounts
from callcenter.access.roles import Role
from callcenter.acd import messages as m
from callcenter.acd.desk import Desk
from callcenter.acd.rules import DeskRules
from callcenter.db.engine import Database, ReadSession
from callcenter.ids import AgentId, CallId
from callcenter.roster import repository
from callcenter.roster.coverage import Minimum
from callcenter.roster.duty import DutyKeeper
from callcenter.roster.shifts import Assignment
from tests.house import MovableClock

NOW = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # 19:00 at the site
ZONE = ZoneInfo("Asia/Shanghai")
QUEUE = m.QueueSettings(name="general", title="G", service_level_s=20, announce_position_every_s=0, wrap_up_s=0)


class Floor:
    """The rules in time that the test moves."""

    def __init__(self, *names: str) -> None:
        self.rules, self.now = DeskRules(), NOW
        self.tell(m.QueuesDefined(queues=(QUEUE,)))
        for name in names:
            self.tell(m.AgentLoggedIn(profile=profile(name)))
            self.tell(m.AgentPresence(agent_id=AgentId(name), phone=True, page=True))
            self.tell(m.AgentReady(agent_id=AgentId(name)))

    def tell(self, command: m.Command) -> list[m.OfferMade]:
        return [a for a in self.rules.apply(command, self.now) if isinstance(a, m.OfferMade)]

    def call(self, number: int, **more: object) -> list[m.OfferMade]:
        return self.tell(m.CallQueued(call_id=CallId(f"c{number}"), queue="general", since=self.now, **more))  # type: ignore[arg-type]

    def drain(self, name: str) -> None:
        self.tell(m.DutyMarked(agent_id=AgentId(name), duty="draining"))

    def after(self, seconds: float) -> list[m.OfferMade]:
        """Let time pass as the desk does: from deadline to deadline."""
        until, made = self.now + timedelta(seconds=seconds), []
        while (due := self.rules.next_deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            made += self.tell(m.TimePassed())
        self.now = until
        return made


def profile(name: str) -> m.AgentProfile:
    return m.AgentProfile(agent_id=AgentId(name), name=name, extension="1", seat="s", queues={"general": 1})


def test_a_draining_agent_is_passed_over_while_anybody_else_is_free() -> None:
    floor = Floor("a", "b")
    floor.now += timedelta(seconds=5)
    floor.drain("a")
    assert [offer.agent.agent_id for offer in floor.call(1)] == ["b"]


def test_a_call_that_has_waited_for_its_service_level_rings_who_is_about_to_leave() -> None:
    floor = Floor("a")
    floor.drain("a")
    assert floor.call(1) == []
    assert floor.rules.on_duty("general") == 1  # they will take it: nobody is sent elsewhere for want of an agent
    assert floor.after(19) == []
    assert [offer.agent.agent_id for offer in floor.after(2)] == ["a"]


def test_a_call_that_waited_when_the_draining_began_is_not_forgotten() -> None:
    floor = Floor("a")
    floor.tell(m.AgentBreak(agent_id=AgentId("a"), reason="rest"))
    assert floor.call(1) == []
    floor.drain("a")
    assert floor.tell(m.AgentReady(agent_id=AgentId("a"))) == []
    assert len(floor.after(21)) == 1


def test_a_draining_agent_who_becomes_free_takes_a_call_that_needs_anybody() -> None:
    floor = Floor("a")
    floor.drain("a")
    floor.tell(m.AgentBreak(agent_id=AgentId("a"), reason="rest"))
    floor.call(1)
    floor.after(60)
    assert len(floor.tell(m.AgentReady(agent_id=AgentId("a")))) == 1


def test_a_call_for_a_draining_agent_in_person_rings_at_once() -> None:
    floor = Floor("a")
    floor.drain("a")
    assert len(floor.call(1, target_agent=AgentId("a"))) == 1


def test_the_mark_ends_with_the_log_out_and_is_kept_by_a_snapshot() -> None:
    floor = Floor("a")
    floor.drain("a")
    other = DeskRules()
    other.apply(m.QueuesDefined(queues=(QUEUE,)), NOW)
    other.apply(floor.rules.snapshot(), NOW)
    restored = other.agent(AgentId("a"))
    assert restored is not None and restored.duty == "draining"
    assert not [
        a
        for a in other.apply(m.CallQueued(call_id=CallId("c"), queue="general", since=NOW), NOW)
        if isinstance(a, m.OfferMade)
    ]
    floor.tell(m.AgentLoggedOut(agent_id=AgentId("a")))
    floor.tell(m.AgentLoggedIn(profile=profile("a")))
    floor.tell(m.AgentReady(agent_id=AgentId("a")))
    assert len(floor.call(1)) == 1


def test_who_stays_after_all_takes_calls_again() -> None:
    floor = Floor("a")
    floor.drain("a")
    floor.call(1)
    assert len(floor.tell(m.DutyMarked(agent_id=AgentId("a"), duty="on_shift"))) == 1


# --- the keeper on a real database ---


class Watched:
    """A desk and what it told of agents' duties, waited for instead of slept for."""

    def __init__(self, clock: MovableClock, database: Database) -> None:
        self.clock = clock
        self.desk = Desk(DeskRules(), clock, self._acted)
        self.keeper = DutyKeeper(self.desk, database, clock, ZONE)
        self.changed = asyncio.Event()

    def _acted(self, action: m.Action) -> None:
        if isinstance(action, m.AgentSnapshot):
            self.keeper.seen(action)
            self.changed.set()

    def duty(self, agent_id: str) -> str:
        seen = self.desk.rules.agent(AgentId(agent_id))
        assert seen is not None
        return seen.duty

    async def until(self, agent_id: str, duty: str) -> None:
        async with asyncio.timeout(10):
            while self.duty(agent_id) != duty:
                self.changed.clear()
                await self.changed.wait()


async def agent(database: Database, login: str, number: str) -> str:
    async with database.write() as session:
        made = await accounts.create(
            session, NOW, login=login, name=login, role=Role.AGENT, password_hash="x", extension=number
        )
        return made.id


async def assign(database: Database, agent_id: str, shift: str) -> None:
    async with database.write() as session:
        await repository.set_assignments(
            session, [Assignment(agent_id=agent_id, day=date(2026, 3, 2), shift=shift)], ZONE, NOW
        )


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


async def test_the_desk_hears_of_shifts_when_people_come_and_when_the_roster_changes(
    db: Database, clock: MovableClock
) -> None:
    early, nobody = await agent(db, "early", "1001"), await agent(db, "nobody", "1002")
    watched = Watched(clock, db)
    task = asyncio.create_task(watched.keeper.run())
    try:
        for agent_id in (early, nobody):
            watched.desk.tell(m.AgentLoggedIn(profile=profile(agent_id)))
        await assign(db, early, "early")
        watched.keeper.roster_changed()
        await watched.until(early, "on_shift")
        await watched.until(nobody, "off_shift")
        async with db.write() as session:
            await repository.set_minimums(session, [])
        clock.at = datetime(2026, 3, 2, 11, 50, tzinfo=UTC)
        watched.keeper.roster_changed()
        await watched.until(early, "draining")
    finally:
        task.cancel()


async def test_a_change_in_the_moment_of_reading_is_not_lost(
    db: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await agent(db, "early", "1001")
    watched = Watched(clock, db)
    watched.desk.tell(m.AgentLoggedIn(profile=profile(who)))
    read_minimums = repository.minimums
    reads = 0

    async def minimums(session: ReadSession) -> tuple[Minimum, ...]:
        nonlocal reads
        reads += 1
        if reads == 1:  # the shifts have been read by now
            await assign(db, who, "early")
            watched.keeper.roster_changed()
        return await read_minimums(session)

    monkeypatch.setattr(repository, "minimums", minimums)
    task = asyncio.create_task(watched.keeper.run())
    try:
        await watched.until(who, "on_shift")
    finally:
        task.cancel()
    assert reads == 2


async def test_the_edge_comes_by_itself(db: Database, clock: MovableClock) -> None:
    who = await agent(db, "early", "1001")
    await assign(db, who, "early")
    async with db.write() as session:
        await repository.set_minimums(session, [])
    clock.at = datetime(2026, 3, 2, 11, 49, 59, 700_000, tzinfo=UTC)
    started = asyncio.get_running_loop().time()

    class Running(MovableClock):
        def now(self) -> datetime:
            return self.at + timedelta(seconds=asyncio.get_running_loop().time() - started)

    watched = Watched(Running(clock.at), db)
    watched.desk.tell(m.AgentLoggedIn(profile=profile(who)))
    task = asyncio.create_task(watched.keeper.run())
    try:
        await watched.until(who, "draining")
    finally:
        task.cancel()
