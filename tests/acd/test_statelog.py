"""What agents do is kept: every change with its cause, each stretch ended when the next begins, restarts included."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from callcenter.access import accounts
from callcenter.access.roles import Role
from callcenter.acd import messages as m
from callcenter.acd.statelog import StateLog, last_states
from callcenter.acd.tables import AgentStateLog, AgentStateRow
from callcenter.db.engine import Database
from callcenter.ids import AgentId, new_id
from tests.acd.floor import START, TestDesk


async def account(db: Database, login: str) -> AgentId:
    async with db.write() as session:
        made = await accounts.create(
            session, START, login=login, name=login.title(), role=Role.AGENT, password_hash="x"
        )
        return AgentId(made.id)


class Kept:
    """A desk whose snapshots go to the log, as in the service."""

    def __init__(self, db: Database) -> None:
        self.desk, self.log = TestDesk(), StateLog(db)

    def tell(self, command: m.Command) -> None:
        for action in self.desk.tell(command):
            if isinstance(action, m.AgentSnapshot):
                self.log.seen(action)

    def log_in(self, agent_id: AgentId) -> None:
        profile = m.AgentProfile(
            agent_id=agent_id, name="Anna", extension="1001", seat="seat-1001", queues={"general": 1}
        )
        self.tell(m.AgentLoggedIn(profile=profile))
        self.tell(m.AgentPresence(agent_id=agent_id, phone=True, page=True))


async def rows(db: Database) -> list[AgentStateLog]:
    async with db.read() as session:
        return list(
            await session.scalars(select(AgentStateLog).order_by(AgentStateLog.started_at, AgentStateLog.epoch))
        )


async def test_each_change_is_a_row_with_its_cause_that_ends_where_the_next_begins(db: Database) -> None:
    kept, anna = Kept(db), await account(db, "anna")
    kept.log_in(anna)
    kept.desk.now += timedelta(seconds=60)
    kept.tell(m.AgentReady(agent_id=anna))
    kept.desk.now += timedelta(seconds=30)
    kept.tell(m.ForceState(agent_id=anna, state=m.AgentState.BREAK, by="Lead", reason="meal"))
    await kept.log.drain()
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


async def test_a_restart_that_goes_on_with_the_same_break_writes_no_second_one(db: Database) -> None:
    first, anna = Kept(db), await account(db, "anna")
    first.log_in(anna)
    first.tell(m.AgentBreak(agent_id=anna, reason="meal"))
    await first.log.drain()
    second = Kept(db)
    second.desk.now += timedelta(minutes=10)
    second.tell(first.desk.rules.snapshot())
    second.log.seen(second.desk.seen(anna))
    second.desk.now += timedelta(minutes=5)
    second.tell(m.AgentReady(agent_id=anna))
    await second.log.drain()
    meals = [row for row in await rows(db) if row.reason == "meal"]
    assert len(meals) == 1, "one break, not two"
    assert meals[0].ended_at == START + timedelta(minutes=15)


async def test_a_restart_that_knows_nobody_ends_what_was_open_at_the_next_log_in(db: Database) -> None:
    first, anna = Kept(db), await account(db, "anna")
    first.log_in(anna)
    await first.log.drain()
    second = Kept(db)
    second.desk.now += timedelta(minutes=10)
    second.log_in(anna)
    await second.log.drain()
    assert [row.ended_at is None for row in await rows(db)] == [False, True]


async def test_while_the_database_is_away_changes_wait_and_an_unknown_account_holds_up_nobody(db: Database) -> None:
    kept = Kept(Database("postgresql://nobody@127.0.0.1:1/none"))
    stranger, anna = AgentId(new_id()), await account(db, "anna")
    kept.log_in(stranger)
    await kept.log.drain()
    assert kept.log.backlog == 1
    kept.log._db = db
    kept.log_in(anna)
    await kept.log.drain()
    assert kept.log.backlog == 0
    assert len(await rows(db)) == 2, "facts are written whatever has become of the account"
    async with db.read() as session:
        assert list(await session.scalars(select(AgentStateRow.account_id))) == [anna]
