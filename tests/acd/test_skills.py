"""Skills that are asked for and relax, languages, and calls kept for one person, in virtual time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcenter.acd import messages as m
from callcenter.acd.messages import AgentState as S
from callcenter.ids import AgentId
from tests.acd.floor import TestDesk, queue

# --- skills ---


def test_a_skill_that_is_asked_for_at_a_level() -> None:
    d = TestDesk(queue(skills={"gas": 3}))
    d.agent("anna", skills={"gas": 2, "fr": 10})
    d.agent("ben", skills={"gas": 3})
    d.call("plain")
    assert d.offered_to("plain") == "ben"
    d.call("french", skills={"fr": 1})
    assert d.offered_to("french") is None
    d.agent("cora", skills={"gas": 3, "fr": 1})
    assert d.offered_to("french") == "cora"


def test_skills_relax_by_schedule() -> None:
    steps = (m.RelaxStep(after_s=30, by=2), m.RelaxStep(after_s=60, to=0, skills=("gas",)))
    d = TestDesk(queue(relax=steps))
    d.agent("four", skills={"gas": 4})
    d.agent("none")
    d.call("c", skills={"gas": 6, "fr": 2})
    d.call("c2", skills={"gas": 6})
    assert (d.offered_to("c"), d.offered_to("c2")) == (None, None)
    d.wait(29.9)
    assert d.offered_to("c2") is None
    d.wait(0.1)
    assert (d.offered_to("c"), d.offered_to("c2")) == ("four", None)
    assert d.offer("c").decision.relaxed
    d.wait(30)
    assert d.offered_to("c2") == "none"
    assert d.offer("c2").decision.needs == {}


def test_skills_relax_one_level_at_a_time() -> None:
    d = TestDesk(queue(relax_every_s=10))
    d.agent("anna", skills={"fr": 2})
    d.call("c", skills={"fr": 5})
    d.wait(29)
    assert d.offered_to("c") is None
    d.wait(1)
    assert d.offered_to("c") == "anna"


def test_time_in_the_menu_of_another_queue_counts_for_relaxing() -> None:
    d = TestDesk(queue(relax=(m.RelaxStep(after_s=30, to=0),)))
    d.agent("anna")
    d.call("c", skills={"fr": 5}, since=d.now - timedelta(seconds=31))
    assert d.offered_to("c") == "anna"


def test_language_is_a_skill() -> None:
    d = TestDesk(queue(language_level=3))
    d.agent("anna", skills={"zh-CN": 10})
    d.agent("ben", skills={"en": 3, "zh-CN": 5})
    d.call("english", language="en")
    d.call("chinese", language="zh-CN")
    assert (d.offered_to("english"), d.offered_to("chinese")) == ("ben", "anna")


def test_a_skill_learnt_while_a_call_waits_for_it() -> None:
    d = TestDesk()
    d.agent("anna")
    d.call("c", skills={"fr": 1})
    profile = d.seen("anna").profile
    d.tell(
        m.AgentLoggedIn(
            profile=m.AgentProfile(
                agent_id=profile.agent_id, name="Anna", extension="1", seat="s", queues={"general": 1}, skills={"fr": 1}
            )
        )
    )
    assert d.offered_to("c") == "anna"


def test_a_drill_never_meets_a_real_agent() -> None:
    d = TestDesk()
    d.agent("anna")
    d.call("drill", drill=True)
    assert d.offered_to("drill") is None
    d.agent("robot", drill=True)
    d.call("real")
    assert (d.offered_to("drill"), d.offered_to("real")) == ("robot", "anna")


# --- sticky and asked for ---


def busy_owner(sticky_s: float = 30.0) -> TestDesk:
    """Anna owns the case and talks; Ben is free."""
    d = TestDesk(queue(sticky_s=sticky_s))
    d.agent("anna")
    d.call("x")
    d.answer("x")
    d.agent("ben")
    return d


def test_sticky_waits_for_the_owner_then_anyone() -> None:
    d = busy_owner()
    d.call("c", preferred_agent=AgentId("anna"))
    d.wait(29)
    assert d.offered_to("c") is None
    d.wait(1)
    assert d.offered_to("c") == "ben"


def test_sticky_meets_the_owner_who_becomes_free_in_time() -> None:
    d = busy_owner()
    d.call("c", preferred_agent=AgentId("anna"))
    d.wait(10)
    d.finish("anna")
    assert d.offered_to("c") == "anna"


@pytest.mark.parametrize("leaves", [m.AgentLoggedOut(agent_id=AgentId("anna")), "never there"])
def test_sticky_does_not_wait_for_an_owner_who_is_not_on_duty(leaves: m.AgentLoggedOut | str) -> None:
    d = busy_owner()
    owner = "dora" if isinstance(leaves, str) else "anna"
    d.call("c", preferred_agent=AgentId(owner))
    if isinstance(leaves, m.AgentLoggedOut):
        assert d.offered_to("c") is None
        d.finish("anna", wrap_up=True)
        d.tell(leaves)
    assert d.offered_to("c") == "ben"


def test_without_sticky_time_the_owner_still_comes_first_when_free() -> None:
    d = TestDesk()
    d.agent("ben")
    d.wait(10)
    d.agent("anna")
    d.call("c", preferred_agent=AgentId("anna"))
    assert (d.offered_to("c"), d.offer("c").decision.reason) == ("anna", "sticky")


def test_a_call_for_one_person_waits_for_them_whatever_their_queues() -> None:
    d = busy_owner(0)
    d.call("c", target_agent=AgentId("anna"))
    d.wait(300)
    assert d.offered_to("c") is None
    d.finish("anna")
    assert (d.offered_to("c"), d.offer("c").decision.reason) == ("anna", "asked_for")


def test_a_call_for_one_person_goes_to_the_queue_when_they_leave() -> None:
    d = busy_owner(0)
    d.call("c", target_agent=AgentId("anna"))
    d.finish("anna")
    d.miss("c")
    assert d.state("anna") is S.NOT_RESPONDING
    assert d.offered_to("c") == "ben"
