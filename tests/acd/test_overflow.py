"""When a waiting call goes elsewhere, in virtual time."""

from __future__ import annotations

import pytest

from callcenter.acd import messages as m
from callcenter.acd.messages import AgentState as S
from callcenter.acd.messages import OverflowWhen
from callcenter.ids import AgentId, CallId
from tests.acd.floor import TestDesk, queue


def rules(when: OverflowWhen, over: float, to: str = "spare") -> m.QueueSettings:
    return queue(overflow=(m.Overflow(when=when, over=over, to=to),), service_level_s=20)


def test_overflow_by_wait_keeps_rank_and_wait() -> None:
    d = TestDesk(rules(OverflowWhen.WAIT, 60), queue("spare"))
    d.call("c")
    d.wait(59)
    d.call("younger", "spare")
    d.wait(1)
    moved = d.last(m.CallMoved)
    assert (moved.call_id, moved.queue, moved.to, moved.reason) == ("c", "general", "spare", "wait")
    assert [c.call_id for c in d.rules.waiting("spare")] == ["c", "younger"]
    d.agent("anna", "spare")
    assert (d.offered_to("c"), d.offer("c").queue, d.offer("c").waited_s) == ("anna", "spare", 60.0)


def test_overflow_to_the_flow_names_the_queue_the_call_entered() -> None:
    d = TestDesk(rules(OverflowWhen.WAIT, 60), queue("spare", overflow=(m.Overflow(when=OverflowWhen.WAIT, over=30),)))
    d.call("c")
    d.wait(90)
    expired = d.last(m.WaitExpired)
    assert (expired.queue, expired.reason) == ("general", "wait")
    assert d.rules.waits(CallId("c")) is None


def test_two_queues_that_overflow_into_each_other_do_not_play_ball() -> None:
    d = TestDesk(
        rules(OverflowWhen.WAIT, 10),
        queue("spare", overflow=(m.Overflow(when=OverflowWhen.WAIT, over=10, to="general"),)),
    )
    d.call("c")
    d.wait(100)
    assert sum(isinstance(a, m.CallMoved) for a in d.told) == 1
    assert [c.call_id for c in d.rules.waiting("spare")] == ["c"]


def test_overflow_by_length_on_arrival() -> None:
    d = TestDesk(rules(OverflowWhen.LENGTH, 2), queue("spare"))
    for name in ("a", "b", "c"):
        d.call(name)
    assert [c.call_id for c in d.rules.waiting("spare")] == ["c"]


def test_a_full_queue_refuses_and_the_flow_may_ask_for_less_than_the_queue() -> None:
    d = TestDesk(queue(max_length=2))
    d.call("a")
    d.call("b", max_length=1)
    assert d.last(m.QueueRefused).call_id == "b"
    d.call("c")
    d.call("d")
    refused = d.last(m.QueueRefused)
    assert (refused.call_id, refused.reason) == ("d", "queue_full")
    d.call("e", "nowhere")
    assert d.last(m.QueueRefused).reason == "unknown_queue"


def test_overflow_when_nobody_is_on_duty() -> None:
    d = TestDesk(rules(OverflowWhen.NO_AGENT, 0, to=""))
    d.call("a")
    assert d.last(m.QueueRefused).reason == "no_agent"
    d.agent("anna")
    d.call("b")
    d.answer("b")
    d.call("c")
    assert d.rules.waits(CallId("c")) is not None, "she is on duty, though busy"
    d.tell(m.AgentBreak(agent_id=AgentId("anna"), reason="meal"))
    d.finish("anna", wrap_up=True)
    assert d.rules.waits(CallId("c")) is not None, "wrap-up is duty"
    d.wait(30)
    expired = d.last(m.WaitExpired)
    assert (d.state("anna"), expired.call_id, expired.reason) == (S.BREAK, "c", "no_agent")


def test_overflow_when_the_only_page_is_gone_and_time_is_given_to_come_back() -> None:
    d = TestDesk(rules(OverflowWhen.NO_AGENT, 15), queue("spare"))
    d.agent("anna")
    d.tell(m.AgentPresence(agent_id=AgentId("anna"), page=False))
    d.call("c")
    d.wait(14)
    assert d.rules.waiting("general")
    d.wait(1)
    assert [c.call_id for c in d.rules.waiting("spare")] == ["c"]


def test_max_wait_and_the_flows_own() -> None:
    d = TestDesk(queue(max_wait_s=100))
    d.call("queue's")
    d.call("flow's", max_wait_s=40)
    d.call("endless", max_wait_s=0)
    d.wait(1000)
    assert [a.call_id for a in d.told if isinstance(a, m.WaitExpired)] == ["flow's", "queue's"]
    assert d.rules.waits(CallId("endless")) is not None


@pytest.mark.parametrize("restarted", [False, True])
def test_the_flows_own_limit_is_of_the_whole_wait_and_a_queues_of_the_wait_in_it(restarted: bool) -> None:
    to_spare = (m.Overflow(when=OverflowWhen.WAIT, over=90, to="spare"),)
    d = TestDesk(queue(overflow=to_spare), queue("spare", max_wait_s=100))
    d.call("flow's", max_wait_s=120)
    d.call("queue's")
    d.wait(95)
    if restarted:
        again = TestDesk(queue(overflow=to_spare), queue("spare", max_wait_s=100))
        again.now = d.now
        again.tell(d.rules.snapshot())
        d = again
    over = {}
    for second in range(96, 200):
        over |= {a.call_id: second for a in d.wait(1) if isinstance(a, m.WaitExpired)}
    assert over == {"flow's": 120, "queue's": 190}


def test_an_offer_under_way_is_not_cut_by_the_end_of_the_wait() -> None:
    d = TestDesk(queue(max_wait_s=30, max_missed=1))
    d.agent("anna")
    d.call("c")
    d.wait(40)
    assert d.offered_to("c") == "anna"
    d.miss("c")
    d.wait(0)
    assert d.last(m.WaitExpired).call_id == "c"
