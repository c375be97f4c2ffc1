"""A supervisor decides how a call waits on; nothing that it has waited is lost."""

from __future__ import annotations

import pytest

from callcenter.acd import messages as m
from callcenter.acd.explain import Names, why_agent, why_waited
from callcenter.acd.messages import OverflowWhen
from callcenter.ids import AgentId, CallId
from tests.acd.floor import TestDesk, queue


def direct(call: str, *, queue: str | None = None, priority: int | None = None, agent: str = "") -> m.CallDirected:
    agent_id = AgentId(agent) if agent else None
    return m.CallDirected(call_id=CallId(call), by="Lea", queue=queue, priority=priority, agent_id=agent_id)


def order(desk: TestDesk, queue: str = "general") -> list[str]:
    return [call.call_id for call in desk.rules.waiting(queue)]


def refusals(told: list[m.Action]) -> list[str]:
    return [action.code for action in told if isinstance(action, m.CommandRefused)]


def said(desk: TestDesk, call: str) -> list[str]:
    story = desk.rules.story(CallId(call))
    assert story is not None
    names = Names(agents={"anna": "Anna", "ben": "Ben"}, queues={"general": "General", "other": "Other"})
    return list(why_waited(story, desk.rules.decisions(), desk.now, names).en)


def test_the_last_is_put_first_and_the_agent_who_becomes_free_gets_it() -> None:
    desk = TestDesk()
    for call in ("a", "b", "c"):
        desk.call(call)
        desk.wait(10)
    desk.tell(direct("c", priority=9))
    assert order(desk) == ["c", "a", "b"]
    desk.agent("anna")
    assert desk.offered_to("c") == "anna"
    assert "After 10 s Lea set its priority to 9." in said(desk, "c")


def test_in_another_queue_it_stands_where_its_wait_puts_it_and_whoever_is_free_there_gets_it() -> None:
    desk = TestDesk(queue(), queue("other"))
    desk.call("long")
    desk.wait(60)
    desk.call("theirs", "other")
    moved = desk.tell(direct("long", queue="other"))
    assert [(one.queue, one.to, one.reason) for one in moved if isinstance(one, m.CallMoved)] == [
        ("general", "other", "supervisor")
    ]
    assert (order(desk), order(desk, "other")) == ([], ["long", "theirs"])
    desk.agent("ben", "other")
    assert desk.offered_to("long") == "ben"
    assert "After 1 min Lea moved it to “Other”." in said(desk, "long")


def test_given_to_one_agent_it_waits_for_them_whoever_else_is_free_and_however_long() -> None:
    desk = TestDesk(queue(overflow=(m.Overflow(when=OverflowWhen.WAIT, over=90, to="other"),)), queue("other"))
    desk.agent("anna", "other")
    desk.call("first", "other")
    desk.answer("first")
    desk.call("call")
    desk.tell(direct("call", agent="anna"))
    desk.agent("ben")
    desk.wait(300)
    assert desk.offered_to("call") is None, "Ben is free, and it is not for him; nor does it overflow"
    desk.finish("anna")
    assert desk.offered_to("call") == "anna", "though she does not serve its queue"
    decision = desk.rules.decision(desk.offer("call").offer_id)
    assert decision is not None
    assert decision.reason == "asked_for"
    assert "by_asked_for" in [one.code for one in why_agent(decision).reasons]
    assert "After 0 s Lea gave it to Anna." in said(desk, "call")


def test_when_that_agent_leaves_it_is_anyones() -> None:
    desk = TestDesk()
    desk.agent("anna")
    desk.call("first")
    desk.answer("first")
    desk.call("call")
    desk.tell(direct("call", agent="anna"))
    desk.agent("ben")
    desk.finish("anna", wrap_up=True)
    assert desk.offered_to("call") is None
    desk.tell(m.AgentLoggedOut(agent_id=AgentId("anna")))
    assert desk.offered_to("call") == "ben"


def test_what_was_kept_for_one_agent_is_given_to_anyone_of_its_queue_again() -> None:
    desk = TestDesk(queue(sticky_s=600))
    desk.agent("anna")
    desk.call("first")
    desk.answer("first")
    desk.call("theirs", preferred_agent=AgentId("anna"))
    desk.agent("ben")
    assert desk.offered_to("theirs") is None
    desk.tell(direct("theirs", queue="general"))
    assert desk.offered_to("theirs") == "ben"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (direct("nobody", priority=9), "not_waiting"),
        (direct("place", priority=9), "not_waiting"),
        (direct("rings", priority=9), "ringing"),
        (direct("waits", queue="drill"), "unknown_queue"),
        (direct("waits", queue="nowhere"), "unknown_queue"),
        (direct("waits", agent="gone"), "agent_off_duty"),
        (direct("waits", agent="nobody"), "agent_off_duty"),
        (direct("waits", agent="drilled"), "drill_apart"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(command: m.CallDirected, code: str) -> None:
    desk = TestDesk(queue(), queue("drill", drill=True), queue("empty"))
    desk.agent("anna")
    desk.agent("gone")
    desk.tell(m.AgentLoggedOut(agent_id=AgentId("gone")))
    desk.agent("drilled", "drill", drill=True)
    desk.call("rings")
    desk.call("waits")
    desk.callback("place", queue="empty")
    before = desk.rules.snapshot()
    assert desk.rules.refusal(command) == code
    assert refusals(desk.tell(command)) == [code]
    assert desk.rules.snapshot() == before
