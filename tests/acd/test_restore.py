"""After a restart of the service: the same order, the same waits, timers that ran on meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from callcenter.acd import messages as m
from callcenter.acd.messages import AgentState as S
from callcenter.ids import AgentId, CallId, OfferId
from tests.acd.floor import START, TestDesk, queue


def profile(name: str = "anna") -> m.AgentProfile:
    return m.AgentProfile(agent_id=AgentId(name), name=name, extension="1", seat="s", queues={"general": 1})


def agent(name: str, state: S, ago: float = 60, **more: object) -> m.RestoredAgent:
    since = START - timedelta(seconds=ago)
    return m.RestoredAgent(profile=profile(name), state=state, since=since, phone=True, page=True, **more)  # type: ignore[arg-type]


def call(name: str, ago: float, **more: object) -> m.RestoredCall:
    request = m.CallQueued(call_id=CallId(name), queue="general", since=START - timedelta(seconds=ago), **more)  # type: ignore[arg-type]
    return m.RestoredCall(request=request)


def restored(*agents: m.RestoredAgent, waiting: tuple[m.RestoredCall, ...] = ()) -> TestDesk:
    d = TestDesk(queue(max_wait_s=300, announce_position_every_s=30))
    d.tell(m.Restored(agents=agents, waiting=waiting, offer_count=50))
    return d


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_from_no_more_than_a_journal_knows_the_order_is_right() -> None:
    """Priority, then wait: whatever the order in which they are listed."""
    d = restored(waiting=(call("b", 10), call("vip", 5, priority=9), call("a", 100), call("c", 1)))
    assert [c.call_id for c in d.rules.waiting("general")] == ["vip", "a", "b", "c"]
    d.tell(m.AgentLoggedIn(profile=profile()))
    d.tell(m.AgentPresence(agent_id=AgentId("anna"), phone=True, page=True))
    d.tell(m.AgentReady(agent_id=AgentId("anna")))
    offer = d.offer("vip")
    assert (offer.waited_s, offer.offer_id) == (5.0, "vip-51"), "no number that an earlier offer had"


def test_what_one_was_left_in_by_other_rules_keeps_nobody_else_from_coming_back() -> None:
    rung = [agent(name, S.RINGING, call_id=CallId("odd"), offer_id=OfferId(f"odd-{name}")) for name in ("anna", "bert")]
    odd = replace(call("odd", 100), offer_id=OfferId("odd-anna"))  # an offer of theirs ends with a number
    d = restored(*rung, waiting=(odd, call("b", 10)))
    assert [c.call_id for c in d.rules.waiting("general")] == ["b"]
    assert d.last(m.IncidentFound).call_id == "odd"
    assert d.last(m.QueueRefused).call_id == "odd", "the caller goes on in the flow"


def test_the_limit_of_waiting_counts_from_when_the_wait_began() -> None:
    d = restored(waiting=(call("a", 250), call("b", 400)))
    d.wait(0)
    assert d.last(m.WaitExpired).call_id == "b"
    d.wait(49)
    assert d.rules.waits(CallId("a")) is not None
    d.wait(1)
    assert d.last(m.WaitExpired).call_id == "a"


def test_a_wrap_up_runs_on_and_one_that_ended_meanwhile_is_over() -> None:
    d = restored(
        agent("anna", S.WRAP_UP, until=at(20), call_id=CallId("x")),
        agent("ben", S.WRAP_UP, until=at(-3)),
        agent("cora", S.WRAP_UP),
    )
    assert (d.state("anna"), d.seen("anna").call_id) == (S.WRAP_UP, "x")
    assert (d.state("ben"), d.state("cora")) == (S.READY, S.READY)
    d.wait(20)
    assert d.state("anna") is S.READY


def test_conversations_breaks_and_what_was_asked_for_go_on() -> None:
    d = restored(
        agent("anna", S.TALKING, call_id=CallId("x"), queue="general", pending="break:meal"),
        agent("ben", S.BREAK, reason="meal", allowance_until=at(30)),
        agent("cora", S.NOT_RESPONDING, reason="no_answer"),
        agent("dora", S.OFFLINE),
    )
    assert [d.state(name) for name in ("anna", "ben", "cora", "dora")] == [
        S.TALKING,
        S.BREAK,
        S.NOT_RESPONDING,
        S.OFFLINE,
    ]
    assert d.seen("anna").since == at(-60)
    d.finish("anna")
    assert (d.state("anna"), d.seen("anna").reason) == (S.BREAK, "meal")
    d.wait(30)
    assert d.seen("ben").overdue


def test_idle_times_are_kept() -> None:
    d = restored(
        agent("anna", S.READY, ago=10, ready_since=at(-10)),
        agent("ben", S.READY, ago=5, ready_since=at(-90)),
    )
    d.call("c")
    assert d.offered_to("c") == "ben"


def test_a_telephone_that_still_rings_is_not_rung_twice() -> None:
    offer = OfferId("a-7")
    d = restored(
        agent("anna", S.RINGING, call_id=CallId("a"), offer_id=offer, queue="general"),
        agent("ben", S.READY),
        waiting=(m.RestoredCall(request=call("a", 30).request, offer_id=offer),),
    )
    assert not d.offers
    d.tell(m.OfferAnswered(offer_id=offer))
    assert d.state("anna") is S.TALKING
    assert d.rules.waits(CallId("a")) is None


def test_an_offer_that_nobody_holds_any_more_is_made_again() -> None:
    d = restored(
        agent("anna", S.RESERVED), waiting=(m.RestoredCall(request=call("a", 30).request, offer_id=OfferId("a-7")),)
    )
    assert d.offered_to("a") == "anna"
    assert [o.offer_id for o in d.offers.values()] == ["a-51"]


def test_whoever_is_there_already_is_not_touched() -> None:
    d = TestDesk()
    d.agent("anna")
    d.call("c")
    d.answer("c")
    d.tell(m.Restored(agents=(agent("anna", S.READY),), waiting=(call("d", 5),)))
    assert d.state("anna") is S.TALKING
    assert d.offered_to("d") is None


def test_a_queue_that_is_gone_gives_its_callers_back_to_the_flow() -> None:
    request = m.CallQueued(call_id=CallId("a"), queue="gone", since=START)
    d = restored(waiting=(m.RestoredCall(request=request),))
    assert d.last(m.QueueRefused).call_id == "a"


def test_pages_see_a_newer_epoch_than_before() -> None:
    d = restored(agent("anna", S.READY, epoch=41))
    assert d.seen("anna").epoch > 41
