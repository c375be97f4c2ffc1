"""A caller who is recognised while they wait is served as if that had been known from the beginning."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callcenter.acd import messages as m
from callcenter.ids import AgentId, CallId
from tests.acd.floor import TestDesk, queue


def known(call: str, *, vip: bool = False, agent: str = "") -> m.CallKnown:
    return m.CallKnown(call_id=CallId(call), vip=vip, preferred_agent=AgentId(agent) if agent else None)


def test_a_vip_who_waits_goes_before_the_others() -> None:
    desk = TestDesk()
    desk.call("first")
    desk.call("vip")
    desk.tell(known("vip", vip=True))
    assert [call.call_id for call in desk.rules.waiting("general")] == ["vip", "first"]
    desk.agent("anna")
    assert desk.offered_to("vip") == "anna"


def test_the_call_is_kept_for_the_agent_who_knows_the_customer_and_then_open_to_all() -> None:
    desk = TestDesk(queue(sticky_s=30))
    desk.agent("anna")
    desk.call("busy")
    desk.answer("busy")
    desk.call("returning")
    desk.tell(known("returning", agent="anna"))
    desk.agent("ben")
    assert desk.offered_to("returning") is None, "ben leaves it to anna"
    desk.wait(29)
    assert desk.offered_to("returning") is None
    desk.wait(1)
    assert desk.offered_to("returning") == "ben"


def test_an_offer_under_way_goes_on() -> None:
    desk = TestDesk(queue(sticky_s=30))
    desk.agent("anna")
    desk.agent("ben")
    desk.call("call")
    offered = desk.offered_to("call")
    desk.tell(known("call", vip=True, agent="ben" if offered == "anna" else "anna"))
    assert desk.offered_to("call") == offered
    desk.answer("call")


def test_of_a_call_that_no_longer_waits_nothing_is_kept() -> None:
    desk = TestDesk()
    assert desk.tell(known("gone", vip=True)) == []


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans(), st.sampled_from(["", "anna"])), max_size=8))
def test_the_order_is_that_of_calls_known_on_arrival(told: list[tuple[str, bool, str]]) -> None:
    late, early = TestDesk(queue(ageing=0.02)), TestDesk(queue(ageing=0.02))
    facts = {name: (vip, agent) for name, vip, agent in told}
    for name in "abcd":
        vip, agent = facts.get(name, (False, ""))
        late.call(name)
        early.call(name, vip=vip, preferred_agent=AgentId(agent) if agent else None)
        late.wait(1)
        early.wait(1)
    for name, vip, agent in told:
        late.tell(known(name, vip=vip, agent=agent))
    assert [c.call_id for c in late.rules.waiting("general")] == [c.call_id for c in early.rules.waiting("general")]
