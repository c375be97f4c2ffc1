"""What supervisors change of an agent counts at once, without a new log-in."""

from __future__ import annotations

from dataclasses import replace

from callcenter.acd import messages as m
from callcenter.acd.messages import AgentState as S
from tests.acd.floor import TestDesk, queue


def test_a_queue_given_to_a_ready_agent_brings_them_its_waiting_caller() -> None:
    desk = TestDesk(queue(), queue("french", skills={"fr": 10}))
    anna = desk.agent("anna")
    desk.call("bonjour", "french")
    assert desk.offered_to("bonjour") is None
    profile = replace(desk.seen(anna).profile, queues={"general": 1, "french": 1})
    desk.tell(m.ProfileChanged(profile=profile))
    assert desk.offered_to("bonjour") is None, "the skill is missing still"
    desk.tell(m.ProfileChanged(profile=replace(profile, skills={"fr": 10})))
    assert desk.offered_to("bonjour") == anna


def test_a_queue_taken_from_an_agent_in_conversation_lets_the_conversation_live() -> None:
    desk = TestDesk()
    anna = desk.agent("anna")
    desk.call("first")
    desk.answer("first")
    desk.tell(m.ProfileChanged(profile=replace(desk.seen(anna).profile, queues={})))
    assert desk.state(anna) is S.TALKING
    desk.finish(anna)
    desk.call("second")
    assert desk.offered_to("second") is None
    assert desk.rules.on_duty("general") == 0


def test_of_somebody_who_is_not_there_nothing_is_told() -> None:
    desk = TestDesk()
    anna = desk.agent("anna", ready=False)
    profile = desk.seen(anna).profile
    desk.tell(m.AgentLoggedOut(agent_id=anna))
    assert desk.tell(m.ProfileChanged(profile=replace(profile, queues={}))) == []
