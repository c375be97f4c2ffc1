"""What agents do is kept: every change with its cause, each stretch ended when the next begins, restarts included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.access import accounts
from callcenter.access.roles import Role
from callcenter.acd import messages as m
from callcenter.acd.statelog import STATE, StateLog, last_states, states_since, write_states
from callcenter.acd.tables import AgentStateLog, AgentStateRow
from callcenter.cti.breaks import BreakTimes
from callcenter.db.direct import Direct
from callcenter.db.engine import Database
from callcenter.errors import Unavailable
from callcenter.ids import AgentId, CallId, new_id
from callcenter.spool.shipping import Shipper, Straight
from callcenter.spool.store import Spool
from tests.acd.floor import START, TestDesk


async def account(db: Database, login: str) -> AgentId:
    async with db.write() as session:
        made = await accounts.create(
            session, START, login=login, name=login.title(), role=Role.AGENT, password_hash="x"
        )
        return AgentId(made.id)


NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


class Kept:
    """A desk whose snapshots go to the log, as in the service; ``now`` of the desk is the time of all."""

    def __init__(self, db: Database, spool: Spool) -> None:
        self.desk, self.spool, self.breaks = TestDesk(), spool, BreakTimes()
        self.log = StateLog(db, spool, self)
        self.shipper = Shipper(spool, db, self, {STATE: Straight(write_states)}, apart=(STATE,))

    def now(self) -> datetime:
        return self.desk.now

    def tell(self, command: m.Command) -> None:
        for action in self.desk.tell(command):
            if isinstance(action, m.AgentSnapshot):
                self.log.seen(action)
                self.breaks.follow(action)

    def log_in(self, agent_id: AgentId) -> None:
        profile = m.AgentProfile(
            agent_id=agent_id, name="Anna", extension="1001", seat="seat-1001", queues={"general": 1}
        )
        self.tell(m.AgentLoggedIn(profile=profile))
        self.tell(m.AgentPresence(agent_id=agent_id, phone=True, page=True))

    async def write(self) -> None:
        await self.shipper.drain()
        await self.log.drain()

    def die(self, db: Database) -> Kept:
        """Killed and started again: what is on the disk is all that is left, and how the desk was last noted."""
        desk = self.desk.rules.snapshot()
        after = Kept(db, Spool(self.spool.path.parent))
        after.desk.now = self.desk.now
        after.tell(desk)
        return after


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path)
    yield made
    made.close()


async def rows(db: Database) -> list[AgentStateLog]:
    async with db.read() as session:
        return list(
            await session.scalars(select(AgentStateLog).order_by(AgentStateLog.started_at, AgentStateLog.epoch))
        )


async def test_each_change_is_a_row_with_its_cause_that_ends_where_the_next_begins(db: Database, spool: Spool) -> None:
    kept, anna = Kept(db, spool), await account(db, "anna")
    kept.log_in(anna)
    kept.desk.now += timedelta(seconds=60)
    kept.tell(m.AgentReady(agent_id=anna))
    kept.desk.now += timedelta(seconds=30)
    kept.tell(m.ForceState(agent_id=anna, state=m.AgentState.BREAK, by="Lead", reason="meal"))
    await kept.write()
    found = await rows(db)
    assert [(row.state, row.reason, row.cause, row.by) for row in found] == [
        ("break", "logged_in", "logged_in", ""),
        ("ready", "", "asked", ""),
        ("break", "meal", "forced", "Lead"),
    ]
    assert [row.ended_at for row in found] == [found[1].started_at, found[2].started_at, None]
    assert [row.epoch for row in found] == sorted({row.epoch for row in found}), "epochs only grow"
    async with db.read() as session:
        (now,) = await last_states(session)
    assert (now.account_id, now.state, now.reason, now.by) == (anna, "break", "meal", "Lead")
    assert now.desk["profile"]["queues"] == {"general": 1}


async def test_a_restart_that_goes_on_with_the_same_break_writes_no_second_one(db: Database, spool: Spool) -> None:
    first, anna = Kept(db, spool), await account(db, "anna")
    first.log_in(anna)
    first.tell(m.AgentBreak(agent_id=anna, reason="meal"))
    await first.write()
    second = Kept(db, spool)
    second.desk.now += timedelta(minutes=10)
    second.tell(first.desk.rules.snapshot())
    second.log.seen(second.desk.seen(anna))
    second.desk.now += timedelta(minutes=5)
    second.tell(m.AgentReady(agent_id=anna))
    await second.write()
    meals = [row for row in await rows(db) if row.reason == "meal"]
    assert len(meals) == 1, "one break, not two"
    assert meals[0].ended_at == START + timedelta(minutes=15)


async def test_a_restart_that_knows_nobody_ends_what_was_open_at_the_next_log_in(db: Database, spool: Spool) -> None:
    first, anna = Kept(db, spool), await account(db, "anna")
    first.log_in(anna)
    await first.write()
    second = Kept(db, spool)
    second.desk.now += timedelta(minutes=10)
    second.log_in(anna)
    await second.write()
    assert [row.ended_at is None for row in await rows(db)] == [False, True]


async def test_an_unknown_account_holds_up_nobody(db: Database, spool: Spool) -> None:
    kept = Kept(db, spool)
    stranger, anna = AgentId(new_id()), await account(db, "anna")
    kept.log_in(stranger)
    kept.log_in(anna)
    await kept.write()
    assert spool.unshipped == 0
    assert len(await rows(db)) == 2, "facts are written whatever has become of the account"
    async with db.read() as session:
        assert list(await session.scalars(select(AgentStateRow.account_id))) == [anna]


CALL = CallId(new_id())


def a_day(agent_id: AgentId) -> list[m.Command]:
    """One command a minute."""
    talk = m.TalkStarted(agent_id=agent_id, call_id=CALL, queue="general")
    return [
        m.AgentReady(agent_id=agent_id),
        talk,
        m.TalkChanged(agent_id=agent_id, call_id=CALL, state=m.AgentState.HOLD),
        m.AgentBreak(agent_id=agent_id, reason="meal"),
        m.TalkEnded(agent_id=agent_id, call_id=CALL),
        m.WrapUpDone(agent_id=agent_id),
        m.AgentBreak(agent_id=agent_id, reason="training"),
        m.AgentLoggedOut(agent_id=agent_id),
        m.AgentLoggedIn(
            profile=m.AgentProfile(agent_id=agent_id, name="", extension="", seat="", queues={"general": 1})
        ),
        m.AgentReady(agent_id=agent_id),
    ]


async def lived(db: Database, agent_id: AgentId) -> list[tuple[str, str, str, datetime, datetime | None]]:
    found = [row for row in await rows(db) if row.account_id == agent_id]
    return [(row.state, row.reason, row.cause, row.started_at, row.ended_at) for row in found]


async def test_the_log_of_an_outage_is_whole_whenever_the_service_is_killed_meanwhile(
    db: Database, tmp_path: Path
) -> None:
    away = Database(NOWHERE)

    async def day(name: str, killed_after: int | None) -> tuple[Kept, AgentId]:
        agent_id = await account(db, name)
        kept = Kept(db, Spool(tmp_path / name))
        kept.log_in(agent_id)
        await kept.write()
        if killed_after is not None:
            kept = kept.die(away)
        for number, command in enumerate(a_day(agent_id)):
            kept.desk.now += timedelta(minutes=1)
            kept.tell(command)
            await kept.write()
            if number == killed_after:
                kept = kept.die(away)
        kept = kept if killed_after is None else kept.die(db)
        return kept, agent_id

    undisturbed, anna = await day("undisturbed", None)
    wanted = await lived(db, anna)
    assert [(state, reason) for state, reason, *_ in wanted][-4:] == [
        ("break", "training"),
        ("offline", ""),
        ("break", "logged_in"),
        ("ready", ""),
    ]
    for killed_after in range(len(a_day(anna))):
        after, agent_id = await day(f"killed-{killed_after}", killed_after)
        # Breaks are asked for before all is written, and after.
        for _ in ("on its way", "there"):
            async with db.read() as session:
                log = await states_since(session, after.spool, START - timedelta(days=1))
            after.breaks.recall(each for each in log if each.agent_id == agent_id)
            assert after.breaks.used_s(agent_id, after.now()) == undisturbed.breaks.used_s(anna, undisturbed.now())
            await after.write()
        assert await lived(db, agent_id) == wanted, killed_after
        assert after.spool.unshipped == 0
        await after.die(db).write()
        assert await lived(db, agent_id) == wanted, "told again it stays one"


async def test_a_desk_noted_before_its_last_word_goes_on_without_overlap(db: Database, spool: Spool) -> None:
    """The desk is noted every 20 ms: what it decided in between is in the log, and not in the note."""
    kept, anna = Kept(db, spool), await account(db, "anna")
    kept.log_in(anna)
    kept.tell(m.AgentReady(agent_id=anna))
    noted = kept.desk.rules.snapshot()
    kept.desk.now += timedelta(seconds=1)
    kept.tell(m.TalkStarted(agent_id=anna, call_id=CALL, queue="general"))
    await kept.write()
    again = Kept(db, spool)
    again.desk.now = kept.desk.now + timedelta(seconds=1)
    again.tell(noted)
    again.desk.now += timedelta(seconds=10)
    again.tell(m.AgentBreak(agent_id=anna, reason="meal"))
    await again.write()
    found = await rows(db)
    assert [row.state for row in found] == ["break", "ready", "talking", "ready", "break"]
    assert [row.ended_at for row in found] == [*(row.started_at for row in found[1:]), None]


async def test_what_a_machine_could_not_tell_while_it_had_the_desk_is_put_where_it_belongs(
    db: Database, tmp_path: Path
) -> None:
    first, anna = Kept(db, Spool(tmp_path / "first")), await account(db, "anna")
    first.log_in(anna)
    await first.write()
    first.desk.now += timedelta(minutes=1)
    first.tell(m.AgentReady(agent_id=anna))  # its database is away from here on
    other = Kept(db, Spool(tmp_path / "other"))
    other.desk.now = first.desk.now + timedelta(minutes=1)
    other.log_in(anna)
    await other.write()
    await first.write()
    found = await rows(db)
    assert [(row.state, row.started_at) for row in found] == [
        ("break", START),
        ("ready", START + timedelta(minutes=1)),
        ("break", START + timedelta(minutes=2)),
    ]
    assert [row.ended_at for row in found] == [found[1].started_at, found[2].started_at, None]


async def test_a_machine_that_has_lost_the_desk_writes_over_nobodys_state(db: Database, tmp_path: Path) -> None:
    async def lost(direct: Direct) -> None:
        raise Unavailable("another machine has the desk")

    old, anna = Kept(db, Spool(tmp_path / "old")), await account(db, "anna")
    old.log = StateLog(db, old.spool, old, fence=lost)
    new = Kept(db, Spool(tmp_path / "new"))
    new.log_in(anna)
    new.tell(m.AgentReady(agent_id=anna))
    await new.write()
    old.log_in(anna)
    await old.log.drain()
    async with db.read() as session:
        assert list(await session.scalars(select(AgentStateRow.state))) == ["ready"]
