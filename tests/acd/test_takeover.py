"""What a standby knows of agents, and what the desk makes of pages that are not back yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson

from callcenter import frozen
from callcenter.acd import messages as m
from callcenter.acd.keeper import DeskKeeper
from callcenter.acd.messages import AgentState as S
from callcenter.acd.rebuild import rebuild
from callcenter.acd.rules import DeskRules
from callcenter.acd.takeover import take_agents
from callcenter.db.engine import Database
from callcenter.ids import AgentId, CallId
from callcenter.spool.store import Spool
from tests.acd.floor import START, TestDesk
from tests.acd.test_statelog import Kept, account


def taken_up(kept: m.Restored, like: TestDesk) -> TestDesk:
    """A fresh desk with the same queues that goes on with what was kept."""
    fresh = TestDesk()
    fresh.now = like.now
    restored, then = rebuild(kept, (), ())
    for command in (restored, *then):
        fresh.tell(command)
    return fresh


def state(desk: TestDesk, agent_id: AgentId) -> S:
    found = desk.rules.agent(agent_id)
    assert found is not None
    return found.state


async def test_agents_keep_their_state_when_a_standby_takes_the_desk(db: Database, tmp_path: Path) -> None:
    kept = Kept(db, Spool(tmp_path / "first"))
    ready, meal, wrapping = [await account(db, name) for name in ("anna", "bert", "cora")]
    for agent_id in (ready, meal, wrapping):
        kept.log_in(agent_id)
        kept.tell(m.AgentReady(agent_id=agent_id))
    kept.tell(m.AgentBreak(agent_id=meal, reason="meal", allowance_s=1800.0))
    kept.tell(m.TalkStarted(agent_id=wrapping, call_id=CallId("0" * 32), queue="general"))
    kept.desk.now += timedelta(seconds=40)
    kept.tell(m.TalkEnded(agent_id=wrapping, call_id=CallId("0" * 32)))
    await kept.write()
    before = {each.profile.agent_id: each for each in kept.desk.rules.agents()}

    spool = Spool(tmp_path)
    assert await take_agents(db, spool) == 3
    fresh = taken_up(DeskKeeper(DeskRules(), spool).load(), kept.desk)
    after = {each.profile.agent_id: each for each in fresh.rules.agents()}
    assert after.keys() == before.keys()
    for agent_id, was in before.items():
        now = after[agent_id]
        assert replace(now, epoch=0, page=True, phone=True, by="") == replace(
            was, epoch=0, page=True, phone=True, by=""
        )
    assert [state(fresh, each) for each in (ready, meal, wrapping)] == [S.READY, S.BREAK, S.WRAP_UP]
    spool.close()


def _of_a_ready_one() -> tuple[TestDesk, TestDesk, AgentId]:
    desk, anna = TestDesk(), AgentId("a" * 32)
    profile = m.AgentProfile(agent_id=anna, name="Anna", extension="1001", seat="seat-1001", queues={"general": 1})
    desk.tell(m.AgentLoggedIn(profile=profile))
    desk.tell(m.AgentPresence(agent_id=anna, phone=True, page=True))
    desk.tell(m.AgentReady(agent_id=anna))
    return desk, taken_up(desk.rules.snapshot(), desk), anna


def test_an_agent_whose_page_is_not_back_yet_is_on_duty_and_is_offered_nothing() -> None:
    _, fresh, anna = _of_a_ready_one()
    assert (fresh.rules.on_duty("general"), fresh.rules.ready("general")) == (1, 0)
    fresh.tell(m.AgentPresence(agent_id=anna, phone=True, page=True))
    assert (fresh.rules.on_duty("general"), fresh.rules.ready("general")) == (1, 1)
    assert state(fresh, anna) is S.READY


def test_a_page_that_does_not_come_back_leaves_its_agent_out_until_it_does() -> None:
    _, fresh, anna = _of_a_ready_one()
    fresh.tell(m.AgentPresence(agent_id=anna, page=False))
    assert fresh.rules.on_duty("general") == 0
    fresh.tell(m.AgentPresence(agent_id=anna, page=True))
    assert (fresh.rules.on_duty("general"), state(fresh, anna)) == (1, S.READY)


def test_a_second_restart_in_that_time_still_awaits_the_page() -> None:
    _, fresh, _ = _of_a_ready_one()
    assert taken_up(fresh.rules.snapshot(), fresh).rules.on_duty("general") == 1


async def test_of_a_note_that_another_version_wrote_what_is_foreign_is_left_out(tmp_path: Path) -> None:
    spool, (anna, bert) = Spool(tmp_path), ("a" * 32, "b" * 32)

    def note(agent_id: str, **more: object) -> bytes:
        profile = m.AgentProfile(agent_id=AgentId(agent_id), name="N", extension="1", seat="s", queues={"general": 1})
        told = m.RestoredAgent(
            profile=profile, state=S.WRAP_UP, since=START, until=START + timedelta(seconds=30), missed=2
        )
        return orjson.dumps({**orjson.loads(frozen.dumps(told)), **more})

    notes: dict[str, bytes | None] = {
        anna: note(anna, missed={"in_a_row": 2}, mood="sunny"),
        bert: note(bert, state="?"),
    }
    spool.set_notes("agent", notes)
    keeper = DeskKeeper(DeskRules(), spool)
    (found,) = keeper.load().agents
    assert (found.profile.agent_id, found.state, found.missed) == (anna, S.WRAP_UP, 0)
    assert found.until == START + timedelta(seconds=30)
    assert keeper.unreadable == [("agent", bert)]
    spool.close()
