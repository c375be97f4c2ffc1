"""Who gets which call, in virtual time: strategies, order across queues, and what shows when things coincide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callcenter.acd import messages as m
from callcenter.acd.explain import why_waited
from callcenter.acd.messages import AgentState as S
from callcenter.acd.messages import OverflowWhen
from callcenter.ids import AgentId, CallId
from tests.acd.floor import TestDesk, queue

# --- strategies ---


def test_longest_idle() -> None:
    d = TestDesk()
    for name in ("anna", "ben"):
        d.agent(name)
        d.wait(10)
    d.call("c")
    assert d.offered_to("c") == "anna"


def test_a_caller_who_hangs_up_while_it_rings_does_not_cost_the_agent_their_turn() -> None:
    d = TestDesk()
    d.agent("anna")
    d.wait(10)
    d.agent("ben")
    d.call("c")
    d.wait(5)
    offer = d.offer("c")
    d.tell(m.CallLeft(call_id=CallId("c"), cause=m.LeaveCause.CALLER_HUNG_UP))
    d.tell(m.OfferFailed(offer_id=offer.offer_id, failure=m.OfferFailure.CALLER_GONE))
    d.call("c2")
    assert d.offered_to("c2") == "anna"


def test_least_occupied() -> None:
    d = TestDesk(queue(strategy="least_occupied"))
    d.agent("anna")
    d.call("long")
    d.answer("long")
    d.wait(300)
    d.finish("anna")
    d.agent("ben")
    d.wait(600)
    d.call("short")
    assert d.answer("short") == "ben"
    d.wait(30)
    d.finish("ben")
    d.call("next")
    assert d.offered_to("next") == "ben", "5 % busy against 33 %, though Anna has been idle for longer"


def test_round_robin_goes_round_whoever_is_free_first() -> None:
    d = TestDesk(queue(strategy="round_robin"))
    for name in ("anna", "ben", "cora"):
        d.agent(name)
    order = []
    for number in range(6):
        d.call(f"c{number}")
        order.append(d.answer(f"c{number}"))
        d.wait(1)
        d.finish(order[-1])
    assert order == ["anna", "ben", "cora"] * 2


def test_fewest_calls() -> None:
    d = TestDesk(queue(strategy="fewest_calls"))
    d.agent("anna")
    for number in range(2):
        d.call(f"c{number}")
        d.answer(f"c{number}")
        d.finish("anna")
    d.agent("ben")
    d.wait(10)
    d.call("next")
    assert d.offered_to("next") == "ben"


def test_best_skill() -> None:
    d = TestDesk(queue(strategy="best_skill"))
    d.agent("anna", skills={"fr": 5})
    d.wait(10)
    d.agent("ben", skills={"fr": 9})
    d.call("c", skills={"fr": 4})
    assert d.offered_to("c") == "ben"
    assert d.offer("c").decision.scores == (5.0, 1.0)


@pytest.mark.parametrize("strategy", list(m.Strategy))
def test_a_better_queue_level_comes_before_any_strategy(strategy: str) -> None:
    d = TestDesk(queue(strategy=strategy))
    d.agent("second", levels={"general": 2}, skills={"fr": 9})
    d.wait(100)
    d.agent("first", levels={"general": 1}, skills={"fr": 1})
    d.call("c", skills={"fr": 1})
    assert d.offered_to("c") == "first"


@pytest.mark.parametrize("strategy", list(m.Strategy))
def test_whoever_let_this_call_ring_comes_last(strategy: str) -> None:
    d = TestDesk(queue(strategy=strategy, max_missed=5))
    d.agent("anna")
    d.agent("ben")
    d.call("c")
    first = d.offered_to("c")
    d.miss("c")
    assert d.offered_to("c") not in (None, first)


# --- order ---


def test_priority_then_wait_and_a_vip_is_ahead() -> None:
    d = TestDesk(queue(vip_bonus=2.0))
    callers: dict[str, dict[str, Any]] = {
        "a": {},
        "b": {"priority": 6},
        "c": {"vip": True},
        "d": {"priority": 7},
        "e": {},
    }
    for name, more in callers.items():
        d.call(name, **more)
        d.wait(1)
    assert [c.call_id for c in d.rules.waiting("general")] == ["c", "d", "b", "a", "e"]
    d.agent("anna")
    assert d.offered_to("c") == "anna"


def test_ageing_lets_a_long_wait_overtake_priority() -> None:
    d = TestDesk(queue(ageing=0.02), queue("other", ageing=0.02))
    d.call("old", priority=4)
    d.wait(101)  # 2.02 points more
    d.call("urgent", "other", priority=6)
    d.agent("anna", "general", "other")
    assert d.offered_to("old") == "anna"
    assert d.offer("old").decision.points == pytest.approx(6.02)


def test_without_ageing_priorities_stay_apart() -> None:
    d = TestDesk()
    d.call("old", priority=4)
    d.wait(10_000)
    d.call("urgent", priority=5)
    d.agent("anna")
    assert d.offered_to("urgent") == "anna"


def test_the_true_longest_wait_across_queues() -> None:
    d = TestDesk(queue("a"), queue("b"), queue("c"))
    for at, name in ((30, "b"), (20, "a"), (10, "c")):
        d.call(f"from {name}", name, since=d.now - timedelta(seconds=at))
    d.agent("anna", "a", "b", "c")
    assert d.offered_to("from b") == "anna"


def test_by_weight_time_counts_double_in_a_queue_of_weight_two() -> None:
    queues = (queue("plain"), queue("heavy", weight=2))
    for waits, winner in ((21, "plain"), (19, "heavy")):
        d = TestDesk(*queues, order=m.QueueOrder.WEIGHT)
        d.call("plain", "plain", since=d.now - timedelta(seconds=waits))
        d.call("heavy", "heavy", since=d.now - timedelta(seconds=10))
        d.agent("anna", "plain", "heavy")
        assert d.offered_to(winner) == "anna"


def test_by_service_level_the_call_closest_to_breaking_it_goes_first() -> None:
    d = TestDesk(
        queue("strict", service_level_s=20), queue("lax", service_level_s=60), order=m.QueueOrder.SERVICE_LEVEL
    )
    d.call("strict", "strict", since=d.now - timedelta(seconds=5))
    d.call("lax", "lax", since=d.now - timedelta(seconds=50))
    d.agent("anna", "strict", "lax")
    assert d.offered_to("lax") == "anna", "10 s left against 15 s"
    d.wait(1)
    d.call("lax2", "lax", since=d.now - timedelta(seconds=40))
    d.agent("ben", "strict", "lax")
    assert d.offered_to("strict") == "ben", "14 s left against 20 s"


def test_the_order_can_be_changed_while_calls_wait() -> None:
    d = TestDesk(queue("plain"), queue("heavy", weight=5))
    d.call("plain", "plain", since=d.now - timedelta(seconds=20))
    d.call("heavy", "heavy", since=d.now - timedelta(seconds=10))
    d.tell(m.QueuesDefined(queues=(queue("plain"), queue("heavy", weight=5)), order=m.QueueOrder.WEIGHT))
    d.agent("anna", "plain", "heavy")
    assert d.offered_to("heavy") == "anna"


# --- reload ---


def test_a_reload_keeps_places_and_a_removed_queue_serves_its_callers() -> None:
    d = TestDesk(queue("a"), queue("b"))
    d.call("first", "a")
    d.wait(1)
    d.call("second", "a")
    d.tell(m.QueuesDefined(queues=(queue("b"),)))
    d.call("late", "b")
    assert [c.call_id for c in d.rules.waiting("a")] == ["first", "second"]
    d.agent("anna", "a")
    assert d.offered_to("first") == "anna"


def test_a_reload_that_drops_a_skill_frees_the_callers_who_waited_for_it() -> None:
    d = TestDesk(queue(skills={"fr": 5}))
    d.agent("anna")
    d.call("c")
    assert d.offered_to("c") is None
    d.tell(m.QueuesDefined(queues=(queue(),)))
    assert d.offered_to("c") == "anna"


def test_many_who_become_free_at_once_take_the_calls_in_order() -> None:
    """A reload that opens everything at once."""
    d = TestDesk(queue(skills={"fr": 5}, max_length=100))
    for number in range(20):
        d.agent(f"agent{number:02}")
        d.wait(1)
    for number in range(30):
        d.call(f"c{number:02}", priority=5 + number % 2)
        d.wait(1)
    d.tell(m.QueuesDefined(queues=(queue(max_length=100),)))
    order = [o.call_id for o in d.offers.values()]
    odd, even = [f"c{n:02}" for n in range(1, 30, 2)], [f"c{n:02}" for n in range(0, 10, 2)]
    assert order == odd + even
    assert [o.agent.agent_id for o in d.offers.values()] == [f"agent{n:02}" for n in range(20)]


# --- what only shows when things coincide ---


def test_wrap_ups_that_end_in_the_same_instant_take_a_call_each() -> None:
    d = TestDesk()
    for name in ("anna", "ben", "cora"):
        d.agent(name)
        d.call(f"{name}'s")
        d.answer(f"{name}'s")
    for call in ("first", "second", "third", "fourth"):
        d.call(call)
        d.wait(1)
    for name in ("anna", "ben", "cora"):
        d.finish(name, wrap_up=True)
    d.wait(30)
    assert {d.offered_to(call) for call in ("first", "second", "third")} == {"anna", "ben", "cora"}
    assert d.offered_to("fourth") is None


def test_whoever_missed_a_call_goes_to_the_end_of_the_idle() -> None:
    d = TestDesk(queue(max_missed=2))
    d.agent("anna")
    d.wait(50)
    d.agent("ben")
    d.call("c", excluded_agents=frozenset({AgentId("cora")}))
    d.agent("cora")
    d.wait(10)
    d.miss("c")
    assert d.answer("c") == "ben"
    d.call("c2")
    assert d.offered_to("c2") == "cora", "idle for 10 s; Anna's idle time has begun anew"
    d.miss("c2")
    assert d.offered_to("c2") == "anna"
    d.miss("c2")
    assert d.state("anna") is S.NOT_RESPONDING


def test_missed_means_missed_in_a_row() -> None:
    d = TestDesk(queue(max_missed=2))
    d.agent("anna")
    d.call("a")
    d.miss("a")
    d.answer("a")
    d.finish("anna")
    d.call("b")
    d.miss("b")
    assert d.state("anna") is S.RESERVED, "an answer in between counts"
    d.miss("b")
    assert d.state("anna") is S.NOT_RESPONDING
    d.tell(m.AgentReady(agent_id=AgentId("anna")))
    d.miss("b")
    assert d.state("anna") is S.RESERVED, "the click begins anew"


def test_round_robin_is_not_longest_idle() -> None:
    d = TestDesk(queue(strategy="round_robin"))
    d.agent("anna")
    d.agent("ben")
    d.call("long")
    d.call("short")
    assert (d.answer("long"), d.answer("short")) == ("anna", "ben")
    d.wait(10)
    d.finish("ben")
    d.wait(100)
    d.finish("anna")
    d.call("next")
    assert d.offered_to("next") == "anna"


def test_relaxing_never_asks_for_more() -> None:
    d = TestDesk(queue(relax=(m.RelaxStep(after_s=10, by=4), m.RelaxStep(after_s=20, to=5))))
    d.call("c", skills={"fr": 6})
    d.wait(25)
    waiting = d.rules.waits(CallId("c"))
    assert waiting is not None
    assert waiting.levels == {"fr": 2}


def test_an_owner_who_comes_later_does_not_take_the_call_from_the_others() -> None:
    d = TestDesk(queue(sticky_s=300))
    d.call("c", preferred_agent=AgentId("anna"))
    d.agent("anna", "elsewhere")
    d.tell(m.QueuesDefined(queues=(queue(sticky_s=300),)))
    assert d.offered_to("c") is None
    d.agent("ben")
    assert d.offered_to("c") == "ben"


def test_overflow_round_a_circle_of_queues_ends() -> None:
    d = TestDesk(
        *(
            queue(name, overflow=(m.Overflow(when=OverflowWhen.WAIT, over=10, to=to),))
            for name, to in (("a", "b"), ("b", "c"), ("c", "b"))
        )
    )
    d.call("x", "a")
    d.wait(100)
    assert [a.to for a in d.told if isinstance(a, m.CallMoved)] == ["b", "c"]


def test_a_call_kept_for_somebody_of_another_queue_does_not_overflow_for_want_of_agents() -> None:
    d = TestDesk(queue(sticky_s=60, overflow=(m.Overflow(when=OverflowWhen.NO_AGENT, over=10),)))
    d.agent("anna", "elsewhere")
    d.call("x", target_agent=AgentId("anna"))
    d.answer("x")
    d.call("c", preferred_agent=AgentId("anna"))
    d.wait(59)
    assert d.rules.waits(CallId("c")) is not None
    d.wait(1)
    d.wait(0)
    assert d.last(m.WaitExpired).reason == "no_agent"


def test_a_transferred_call_is_not_offered_to_who_transferred_it_though_they_are_free() -> None:
    d = TestDesk()
    d.agent("anna")
    d.wait(10)
    d.agent("ben")
    d.call("c", excluded_agents=frozenset({AgentId("anna")}))
    assert d.offered_to("c") == "ben"
    assert d.offer("c").decision.excluded == (("anna", "excluded"),)


def test_who_gave_a_call_away_gets_it_back_after_a_moment_when_nobody_else_is_there() -> None:
    d = TestDesk()
    d.agent("anna")
    d.call("c", excluded_agents=frozenset({AgentId("anna")}))
    d.wait(9)
    assert d.offered_to("c") is None
    d.wait(1)
    assert d.offered_to("c") == "anna"
    assert "whoever had given it away might take it again" in why_waited_en(d, "c")


def test_who_gave_a_call_away_is_spared_it_as_long_as_somebody_else_will_come() -> None:
    d = TestDesk()
    d.agent("anna")
    d.agent("ben")
    d.call("other", preferred_agent=AgentId("ben"))
    d.answer("other")
    d.call("c", excluded_agents=frozenset({AgentId("anna")}))
    d.wait(25)
    assert d.offered_to("c") is None, "Ben is in a call and will be free"
    d.finish("ben")
    assert d.offered_to("c") == "ben"
    d.miss("c")
    assert d.state("ben") is S.NOT_RESPONDING
    d.wait(10)
    assert d.offered_to("c") == "anna", "now there is nobody else"


def why_waited_en(d: TestDesk, call: str) -> str:
    story = d.rules.story(CallId(call))
    assert story is not None
    return " ".join(why_waited(story, d.rules.decisions(), d.now).en)
