"""Call-back places: rank without a channel, an agent reserved when the turn comes, permitted hours, retries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcenter.acd import messages as m
from callcenter.acd.messages import AgentState as S
from callcenter.acd.waiting import NOBODY_RUNG
from callcenter.ids import AgentId, CallId
from tests.acd.floor import START, TestDesk, queue


def kept() -> TestDesk:
    """Three wait; the second hangs up and keeps the place."""
    d = TestDesk(queue(announce_position_every_s=10, max_wait_s=600))
    for name in ("a", "b", "c"):
        d.call(name)
        d.wait(1)
    d.callback("b")
    return d


def offers_of(d: TestDesk, call: str) -> list[m.OfferMade]:
    return [o for o in d.offers.values() if o.call_id == call]


def test_a_place_keeps_its_rank_and_is_offered_as_a_call_back() -> None:
    d = kept()
    d.wait(30)
    assert [c.call_id for c in d.rules.waiting("general")] == ["a", "b", "c"]
    assert d.rules.position(CallId("c")) == (3, None), "who waits on the line is told the truth"
    d.agent("anna")
    d.answer("a")
    d.finish("anna")
    offer = d.offer("b")
    assert offer.callback == m.CallbackPlace(number="13800000001", attempt=1, attempts=3)
    assert offer.waited_s == 32.0
    assert d.offered_to("c") is None


def test_nothing_is_announced_to_nobody_and_no_limit_of_waiting_ends_the_place() -> None:
    d = kept()
    d.told.clear()
    d.wait(3600)
    assert {a.call_id for a in d.told if isinstance(a, m.PositionChanged)} == {"a", "c"}
    assert {a.call_id for a in d.told if isinstance(a, m.WaitExpired)} == {"a", "c"}
    assert d.rules.waits(CallId("b")) is not None


def test_reached_once_it_is_never_called_again() -> None:
    d = TestDesk()
    d.callback("b")
    d.agent("anna")
    offer = d.offer("b").offer_id
    d.tell(m.OfferAnswered(offer_id=offer, call_id=CallId("dialled")))
    assert (d.state("anna"), d.seen("anna").call_id) == (S.TALKING, "dialled")
    d.tell(m.CallbackReached(offer_id=offer))
    assert d.last(m.CallbackOver).result == "reached"
    d.tell(m.CallbackFailed(offer_id=offer, reason="late"))
    assert d.state("anna") is S.TALKING
    d.finish("anna")
    d.callback("b")
    d.wait(3600)
    assert len(offers_of(d, "b")) == 1


def test_an_attempt_that_fails_frees_the_agent_without_wrap_up_and_pauses_the_place() -> None:
    d = TestDesk()
    d.callback("b", attempts=3, pause_s=300)
    d.agent("anna")
    d.answer("b")
    d.tell(m.CallbackFailed(offer_id=d.offer("b").offer_id, reason="busy"))
    paused = d.last(m.CallbackPaused)
    assert (paused.attempt, paused.reason, paused.until) == (1, "busy", START + timedelta(seconds=300))
    assert (d.state("anna"), d.seen("anna").cause) == (S.READY, "callback_failed")
    d.wait(299)
    assert d.offered_to("b") is None
    d.wait(1)
    assert d.offer("b").callback == m.CallbackPlace(number="13800000001", attempt=2, attempts=3)


def test_after_the_last_attempt_it_is_given_up() -> None:
    d = TestDesk()
    d.callback("b", attempts=2, pause_s=60)
    d.agent("anna")
    for _ in range(2):
        d.answer("b")
        d.tell(m.CallbackFailed(offer_id=d.offer("b").offer_id, reason="no_answer"))
        d.wait(60)
    over = d.last(m.CallbackOver)
    assert (over.result, over.attempts) == ("gave_up", 2)
    assert len(offers_of(d, "b")) == 2


@pytest.mark.parametrize("reason", sorted(NOBODY_RUNG))
def test_an_attempt_that_rang_nobody_is_none(reason: str) -> None:
    """Carriers down for a quarter of an hour must not cost every customer their call-back."""
    d = TestDesk()
    d.callback("b", attempts=1, pause_s=60)
    d.agent("anna")
    for _ in range(3):
        d.answer("b")
        d.tell(m.CallbackFailed(offer_id=d.offer("b").offer_id, reason=reason))
        assert (d.last(m.CallbackPaused).attempt, d.state("anna")) == (0, S.READY)
        d.wait(60)
    d.answer("b")
    d.tell(m.CallbackFailed(offer_id=d.offer("b").offer_id, reason="busy"))
    assert d.last(m.CallbackOver).result == "gave_up"


def test_the_customer_may_be_dialled_before_the_agent_answers() -> None:
    d = TestDesk()
    d.callback("b", pause_s=60)
    d.agent("anna")
    d.tell(m.CallbackFailed(offer_id=d.offer("b").offer_id, reason="busy"))
    assert d.state("anna") is S.READY
    d.wait(60)
    offer = d.offer("b").offer_id
    d.tell(m.CallbackReached(offer_id=offer))
    d.tell(m.OfferAnswered(offer_id=offer))
    assert d.state("anna") is S.TALKING


def test_an_agent_who_does_not_take_it_costs_no_attempt() -> None:
    d = TestDesk()
    d.callback("b", attempts=1)
    d.agent("anna")
    d.miss("b")
    d.agent("ben")
    assert d.offer("b").callback == m.CallbackPlace(number="13800000001", attempt=1, attempts=1)


def test_an_agent_who_hangs_up_before_the_customer_answers_has_used_an_attempt() -> None:
    d = TestDesk()
    d.callback("b", attempts=2, pause_s=60)
    d.agent("anna")
    d.answer("b")
    d.finish("anna")
    assert d.last(m.CallbackPaused).reason == "agent_ended"
    d.wait(60)
    assert d.offered_to("b") == "anna"


def test_never_outside_the_permitted_hours() -> None:
    d = TestDesk()
    morning = START + timedelta(hours=10)
    hours = ((START, START + timedelta(minutes=5)), (morning, morning + timedelta(hours=1)))
    terms = m.CallbackTerms(number="1", permitted=hours, pause_s=600, attempts=5)
    d.tell(m.CallbackKept(place=m.CallQueued(call_id=CallId("b"), queue="general", since=d.now), terms=terms))
    d.wait(360)
    d.agent("anna")
    assert d.offered_to("b") is None, "the agent came after the hours were over"
    d.wait((morning - d.now).total_seconds() - 1)
    assert d.offered_to("b") is None
    d.wait(1)
    assert d.answer("b") == "anna"
    d.wait(3540)
    d.tell(m.CallbackFailed(offer_id=d.offer("b").offer_id, reason="no_answer"))
    assert d.last(m.CallbackOver).result == "hours_over", "the pause would end after the last permitted hour"
    d.wait(100_000)
    assert all(any(b <= o.decision.at < e for b, e in hours) for o in d.offers.values() if o.decision.at)


def test_hours_that_are_over_already_end_it_at_once() -> None:
    d = TestDesk()
    d.agent("anna")
    d.callback("b", hours=1, begin=START - timedelta(hours=2))
    assert d.last(m.CallbackOver).result == "hours_over"
    assert not d.offers


def test_the_customer_who_calls_again_ends_the_place() -> None:
    d = kept()
    d.tell(m.CallLeft(call_id=CallId("b"), cause=m.LeaveCause.CALLBACK))
    assert d.last(m.CallbackOver).result == "cancelled"
    assert [c.call_id for c in d.rules.waiting("general")] == ["a", "c"]


def test_a_place_cancelled_while_the_agent_rings() -> None:
    d = TestDesk()
    d.callback("b")
    d.agent("anna")
    offer = d.offer("b").offer_id
    d.tell(m.CallLeft(call_id=CallId("b"), cause=m.LeaveCause.CALLBACK))
    d.tell(m.OfferFailed(offer_id=offer, failure=m.OfferFailure.CALLER_GONE))
    assert d.state("anna") is S.READY
    assert len(d.offers) == 1


def test_an_unknown_or_full_queue_takes_no_place() -> None:
    d = TestDesk(queue(max_length=1))
    d.callback("x", queue="nowhere")
    assert d.last(m.CallbackOver) == m.CallbackOver(call_id=CallId("x"), result="refused", attempts=0)
    d.call("a")
    d.callback("b")
    assert d.last(m.CallbackOver).call_id == "b"


def test_pauses_and_attempts_survive_a_restart() -> None:
    d = TestDesk()
    d.callback("b", attempts=2, pause_s=300)
    d.agent("anna")
    d.answer("b")
    d.tell(m.CallbackFailed(offer_id=d.offer("b").offer_id, reason="busy"))
    d.callback("done")
    d.answer("done")
    d.tell(m.CallbackReached(offer_id=d.offer("done").offer_id))
    again = TestDesk()
    again.now = d.now
    again.tell(d.rules.snapshot())
    again.finish("anna")
    again.callback("done")
    again.wait(299)
    assert again.offered_to("b") is None
    again.wait(1)
    assert again.offer("b").callback == m.CallbackPlace(number="13800000001", attempt=2, attempts=2)
    assert not offers_of(again, "done")


def test_a_restart_while_the_customer_is_being_dialled() -> None:
    d = TestDesk()
    d.callback("b")
    d.agent("anna")
    offer = d.offer("b").offer_id
    d.answer("b")
    again = TestDesk()
    again.now = d.now
    again.tell(d.rules.snapshot())
    again.tell(m.CallbackReached(offer_id=offer))
    assert again.last(m.CallbackOver).result == "reached"
    assert again.seen("anna").state is S.TALKING
    assert AgentId("anna") == again.seen("anna").profile.agent_id


def test_places_that_sleep_stand_in_nobodys_way() -> None:
    """A return visit of next month fills no queue, is nobody's place ahead and no figure on a wall."""
    d = TestDesk(queue(max_length=1))
    tomorrow = (START + timedelta(days=1), START + timedelta(days=2))
    terms = m.CallbackTerms(number="13800000001", permitted=(tomorrow,), attempts=3, pause_s=300)
    for name in ("later", "and-later"):
        place = m.CallQueued(call_id=CallId(name), queue="general", since=d.now, priority=9)
        d.tell(m.CallbackKept(place=place, terms=terms))
    assert [call.asleep for call in d.rules.waiting("general")] == [True, True]
    assert d.rules.in_line("general") == ()
    d.call("now")
    place_of = d.rules.position(CallId("now"))
    assert place_of is not None
    assert place_of[0] == 1
    assert [call.call_id for call in d.rules.in_line("general")] == ["now"]
    d.call("one-too-many")
    assert d.last(m.QueueRefused).reason == "queue_full"
    d.tell(m.CallLeft(call_id=CallId("now"), cause=m.LeaveCause.CALLER_HUNG_UP))
    d.now = START + timedelta(days=1)
    d.tell(m.TimePassed())
    assert len(d.rules.in_line("general")) == 2, "their hour has come"
