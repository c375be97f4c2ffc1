"""A call's events reach PostgreSQL once, in order, and its contact shows what became of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.journal import CallJournal, payload_of
from callcenter.calls.tables import Contact, JournalRow, SegmentRow
from callcenter.db.engine import Database
from callcenter.ids import AgentId, new_id
from callcenter.ivr.loader import load
from tests.databases import db, migrated  # noqa: F401 - fixtures
from tests.world import World

FLOWS = load(Path(__file__).parents[2] / "ivr_flows")
QUEUES = (acd.QueueSettings(name="drill", title="Drill", drill=False, announce_position_every_s=0),)


@pytest.fixture
def journal(db: Database) -> CallJournal:  # noqa: F811
    return CallJournal(db)


async def test_a_call_and_its_segments_are_there_after_the_drain(db: Database, journal: CallJournal) -> None:  # noqa: F811
    w = World(FLOWS, QUEUES)
    agent = AgentId(new_id())
    profile = acd.AgentProfile(agent_id=agent, name="A", extension="1001", seat="seat-1001", queues={"drill": 1})
    w.tell(acd.AgentLoggedIn(profile=profile))
    w.tell(acd.AgentPresence(agent_id=agent, phone=True, page=True))
    w.tell(acd.AgentReady(agent_id=agent))
    call_id = w.arrive(1, flow="drill")
    journal.append(w.calls[call_id], m.Key(digit="1"), w.now)
    w.send(call_id, m.Key(digit="1"))
    journal.append(w.calls[call_id], m.Key(digit="1"), w.now)
    w.drop("caller1")
    journal.append(w.calls[call_id], m.CallerGone(cause=16), w.now)
    await journal.drain()
    assert journal.backlog == 0
    async with db.read() as session:
        contact = (await session.execute(select(Contact))).scalar_one()
        kinds = (await session.execute(select(SegmentRow.kind).order_by(SegmentRow.seq))).scalars().all()
        numbers = (await session.execute(select(JournalRow.seq).order_by(JournalRow.seq))).scalars().all()
    assert (contact.id, contact.end_reason, contact.ended_by) == (call_id, "abandoned", "caller")
    assert kinds == ["menu", "wait", "ring"]
    assert numbers == [1, 2, 3]


def test_no_key_press_is_ever_written() -> None:
    assert payload_of(m.Key(digit="7")) == {"digit": "•"}


async def test_while_the_database_is_away_nothing_is_lost() -> None:
    journal = CallJournal(Database("postgresql://nobody@127.0.0.1:1/none"))
    w = World(FLOWS, QUEUES)
    call_id = w.arrive(1, flow="drill")
    journal.append(w.calls[call_id], m.Key(digit="1"), w.now)
    await journal.drain()
    assert journal.backlog == 1
