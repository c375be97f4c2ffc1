"""All who are free ring at once, as the desk sees it."""

from __future__ import annotations

import pytest

from callcenter.acd import messages as m
from callcenter.acd.explain import why_agent
from callcenter.acd.messages import AgentState as S
from callcenter.acd.rules import DeskRules
from callcenter.ids import AgentId, CallId
from tests.acd.floor import TestDesk, queue


def ringing_all(*, max_missed: int = 1) -> TestDesk:
    d = TestDesk(queue(strategy="ring_all", max_missed=max_missed))
    for name in ("anna", "ben", "cora"):
        d.agent(name)
        d.wait(1)
    d.call("c")
    return d


def offers_of(d: TestDesk, call: str) -> dict[str, m.OfferMade]:
    held = {agent.offer_id for agent in d.rules.agents()}
    mine = [one for one in d.offers.values() if one.call_id == call and one.offer_id in held]
    return {str(one.agent.agent_id): one for one in mine}


def test_all_who_are_free_ring_and_the_first_answer_wins_without_blame_for_the_others() -> None:
    d = ringing_all()
    rung = offers_of(d, "c")
    assert set(rung) == {"anna", "ben", "cora"}
    assert all(one.together and one.decision.reason == "ring_all" for one in rung.values())
    withdrawn = [a for a in d.tell(m.OfferAnswered(offer_id=rung["ben"].offer_id)) if isinstance(a, m.OfferWithdrawn)]
    assert {(one.offer_id, one.reason) for one in withdrawn} == {
        (rung[name].offer_id, "answered_elsewhere") for name in ("anna", "cora")
    }
    assert [d.state(name) for name in ("anna", "ben", "cora")] == [S.READY, S.TALKING, S.READY]
    assert d.rules.waits(CallId("c")) is None
    d.call("next")
    assert set(offers_of(d, "next")) == {"anna", "cora"}


def test_who_declines_leaves_it_ringing_for_the_others_and_the_last_one_opens_it_again() -> None:
    d = ringing_all()
    for name in ("anna", "ben"):
        failed = m.OfferFailed(offer_id=offers_of(d, "c")[name].offer_id, failure=m.OfferFailure.DECLINED)
        d.tell(failed)
        assert d.state(name) is S.NOT_RESPONDING
    assert set(offers_of(d, "c")) == {"cora"}
    d.tell(m.AgentPresence(agent_id=AgentId("cora"), page=False))
    waiting = d.rules.waits(CallId("c"))
    assert waiting is not None
    assert (waiting.offer, waiting.others) == (None, [])
    d.tell(m.AgentReady(agent_id=AgentId("anna")))
    assert set(offers_of(d, "c")) == {"anna"}


def test_who_becomes_free_joins_the_ring_unless_a_call_waits_for_them_or_they_let_this_one_ring() -> None:
    d = ringing_all(max_missed=2)
    d.agent("dora", ready=False)
    d.agent("eve", ready=False)
    d.tell(m.AgentReady(agent_id=AgentId("dora")))
    assert set(offers_of(d, "c")) == {"anna", "ben", "cora", "dora"}
    joined = offers_of(d, "c")["dora"]
    assert (joined.together, joined.decision.reason) == (True, "joined_ring")
    told = why_agent(joined.decision)
    assert "joined them" in " ".join(told.en)
    assert "加入振铃" in "".join(told.zh)
    d.tell(m.OfferFailed(offer_id=joined.offer_id, failure=m.OfferFailure.DECLINED))
    assert (d.state("dora"), "dora" in offers_of(d, "c")) == (S.READY, False), "not asked twice about the same ring"
    d.call("next")
    assert set(offers_of(d, "next")) == {"dora"}
    d.tell(m.AgentReady(agent_id=AgentId("eve")))
    assert "eve" in offers_of(d, "c"), "of two that ring the one that came first"


def rings_out(d: TestDesk) -> None:
    for one in offers_of(d, "c").values():
        d.tell(m.OfferFailed(offer_id=one.offer_id, failure=m.OfferFailure.RANG_OUT))


def test_when_nobody_answers_all_are_ready_and_ring_again_in_their_turn() -> None:
    d = ringing_all()
    since = {name: d.seen(name).ready_since for name in ("anna", "ben", "cora")}
    rings_out(d)
    assert set(offers_of(d, "c")) == {"anna", "ben", "cora"}
    assert {name: d.seen(name).ready_since for name in since} == since
    d.tell(m.OfferAnswered(offer_id=offers_of(d, "c")["ben"].offer_id))
    assert [d.state(name) for name in ("anna", "ben", "cora")] == [S.READY, S.TALKING, S.READY]


@pytest.mark.parametrize(("max_missed", "rings"), [(1, 3), (2, 4)])
def test_a_room_that_lets_ring_after_ring_go_by_is_empty(max_missed: int, rings: int) -> None:
    d = ringing_all(max_missed=max_missed)
    for _ in range(rings):
        assert {d.state(name) for name in ("anna", "ben", "cora")} == {S.RESERVED}
        rings_out(d)
    for name in ("anna", "ben", "cora"):
        assert (d.state(name), d.seen(name).reason) == (S.NOT_RESPONDING, "rang_out")
    d.tell(m.AgentReady(agent_id=AgentId("ben")))
    assert set(offers_of(d, "c")) == {"ben"}, "one click, and it rings there"
    assert d.seen("ben").missed == 0


def test_a_call_kept_for_one_person_is_joined_by_nobody_and_ten_ring_at_most() -> None:
    d = ringing_all()
    d.agent("dora", "elsewhere")
    d.call("mine", target_agent=AgentId("dora"))
    assert set(offers_of(d, "mine")) == {"dora"}
    for number in range(9):
        d.agent(f"more{number}")
    assert len(offers_of(d, "c")) == 10
    assert len(offers_of(d, "mine")) == 1


def test_a_caller_who_leaves_frees_all_who_rang() -> None:
    d = ringing_all()
    rung = offers_of(d, "c")
    d.tell(m.CallLeft(call_id=CallId("c"), cause=m.LeaveCause.CALLER_HUNG_UP))
    for one in rung.values():
        d.tell(m.OfferFailed(offer_id=one.offer_id, failure=m.OfferFailure.CALLER_GONE))
    assert {d.state(name) for name in rung} == {S.READY}


def test_a_call_for_one_person_rings_that_person_alone_and_a_snapshot_keeps_all_who_ring() -> None:
    d = ringing_all()
    other = DeskRules()
    other.apply(m.QueuesDefined(queues=d.rules.queues()), d.now)
    other.apply(d.rules.snapshot(), d.now)
    here, there = (rules.waits(CallId("c")) for rules in (d.rules, other))
    assert here is not None
    assert there is not None
    assert (there.offer, there.others) == (here.offer, here.others)
    d.tell(m.OfferAnswered(offer_id=offers_of(d, "c")["anna"].offer_id))
    d.call("mine", target_agent=AgentId("ben"))
    assert set(offers_of(d, "mine")) == {"ben"}
