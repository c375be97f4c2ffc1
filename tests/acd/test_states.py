"""Every state of an agent and every thing that can happen to them: one table, walked as a whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from callcenter.acd import messages as m
from callcenter.acd.messages import AgentState as S
from callcenter.ids import AgentId, CallId, OfferId
from tests.acd.floor import TestDesk, queue

A = AgentId("anna")
ENGAGED = (S.RESERVED, S.RINGING, S.TALKING, S.HOLD, S.CONSULTING)


def anna(state: S) -> TestDesk:
    """A desk where Anna is in this state, by the way that leads there."""
    d = TestDesk(queue(wrap_up_s=30))
    if state is S.OFFLINE:
        d.agent("anna", ready=False)
        d.tell(m.AgentLoggedOut(agent_id=A))
        return d
    d.agent("anna", ready=state is not S.BREAK)
    if state in (S.READY, S.BREAK):
        return d
    d.call("c")
    offer = d.offer("c").offer_id
    match state:
        case S.NOT_RESPONDING:
            d.tell(m.CallLeft(call_id=CallId("c"), cause=m.LeaveCause.CALLER_HUNG_UP))
            d.tell(m.OfferFailed(offer_id=offer, failure=m.OfferFailure.NO_ANSWER))
        case S.RINGING:
            d.tell(m.OfferRinging(offer_id=offer))
        case S.TALKING | S.HOLD | S.CONSULTING | S.WRAP_UP:
            d.answer("c")
            if state is S.WRAP_UP:
                d.finish("anna", wrap_up=True)
            elif state is not S.TALKING:
                d.tell(m.TalkChanged(call_id=CallId("c"), agent_id=A, state=state))
        case _:
            pass
    return d


def offer_of(d: TestDesk) -> OfferId:
    return next(reversed(d.offers), OfferId("nobody-1"))


Event = Callable[[TestDesk], m.Command]
EVENTS: dict[str, Event] = {
    "ready": lambda d: m.AgentReady(agent_id=A),
    "break": lambda d: m.AgentBreak(agent_id=A, reason="meal"),
    "log out": lambda d: m.AgentLoggedOut(agent_id=A),
    "log in": lambda d: m.AgentLoggedIn(profile=d.seen("anna").profile),
    "wrap-up done": lambda d: m.WrapUpDone(agent_id=A),
    "wrap-up longer": lambda d: m.WrapUpExtended(agent_id=A, seconds=60),
    "page gone": lambda d: m.AgentPresence(agent_id=A, page=False),
    "phone gone": lambda d: m.AgentPresence(agent_id=A, phone=False),
    "rings": lambda d: m.OfferRinging(offer_id=offer_of(d)),
    "answers": lambda d: m.OfferAnswered(offer_id=offer_of(d)),
    "misses": lambda d: m.OfferFailed(offer_id=offer_of(d), failure=m.OfferFailure.NO_ANSWER),
    "caller gone": lambda d: m.OfferFailed(offer_id=offer_of(d), failure=m.OfferFailure.CALLER_GONE),
    "holds": lambda d: m.TalkChanged(call_id=CallId("c"), agent_id=A, state=S.HOLD),
    "consults": lambda d: m.TalkChanged(call_id=CallId("c"), agent_id=A, state=S.CONSULTING),
    "resumes": lambda d: m.TalkChanged(call_id=CallId("c"), agent_id=A, state=S.TALKING),
    "talk ends": lambda d: m.TalkEnded(call_id=CallId("c"), agent_id=A),
    "another talk ends": lambda d: m.TalkEnded(call_id=CallId("other"), agent_id=A),
    "dials out": lambda d: m.TalkStarted(call_id=CallId("out"), agent_id=A),
    "forced ready": lambda d: m.ForceState(agent_id=A, state=S.READY, by="lead"),
    "forced break": lambda d: m.ForceState(agent_id=A, state=S.BREAK, by="lead", reason="meal"),
    "forced out": lambda d: m.ForceState(agent_id=A, state=S.OFFLINE, by="lead"),
    "forced talking": lambda d: m.ForceState(agent_id=A, state=S.TALKING, by="lead"),
    "forced late": lambda d: m.ForceState(agent_id=A, state=S.BREAK, by="lead", epoch=0),
    "truth: idle": lambda d: m.TruthSeen(talking={}, grace_s=0),
    "truth: talks": lambda d: m.TruthSeen(talking={A: CallId("c")}, grace_s=0),
    "time": lambda d: m.TimePassed(),
}
SAME, NO = "same", "refused"

# One row an event, one column a state. A plain state: what follows. SAME: nothing. NO: refused and told.
# ("later", x): kept, and x follows when the call and its wrap-up are over.
L_BREAK, L_OUT, L_READY = ("later", S.BREAK), ("later", S.OFFLINE), ("later", S.READY)
# fmt: off
TABLE: dict[str, tuple[object, ...]] = {
    # offline, ready, reserved, ringing, talking, hold, consulting, wrap_up, break, not_responding
    "ready": (NO, SAME, *(L_READY,) * 5, S.READY, S.READY, S.READY),
    "break": (NO, S.BREAK, *(L_BREAK,) * 5, S.BREAK, S.BREAK, S.BREAK),
    "log out": (SAME, S.OFFLINE, *(L_OUT,) * 5, S.OFFLINE, S.OFFLINE, S.OFFLINE),
    "log in": (S.BREAK, *(SAME,) * 9),
    "wrap-up done": (NO, SAME, *(NO,) * 5, S.READY, SAME, SAME),
    "wrap-up longer": (NO, NO, *(NO,) * 5, S.WRAP_UP, NO, NO),
    "page gone": (SAME, SAME, S.READY, S.READY, *(SAME,) * 6),
    "phone gone": (SAME, SAME, S.READY, S.READY, *(SAME,) * 6),
    "rings": (SAME, SAME, S.RINGING, *(SAME,) * 7),
    "answers": (SAME, SAME, S.TALKING, S.TALKING, *(SAME,) * 6),
    "misses": (SAME, SAME, S.NOT_RESPONDING, S.NOT_RESPONDING, *(SAME,) * 6),
    # Given back, and offered the same call again, which in this story still waits.
    "caller gone": (SAME, SAME, S.RESERVED, S.RESERVED, *(SAME,) * 6),
    "holds": (*(SAME,) * 4, S.HOLD, SAME, S.HOLD, *(SAME,) * 3),
    "consults": (*(SAME,) * 4, S.CONSULTING, S.CONSULTING, SAME, *(SAME,) * 3),
    "resumes": (*(SAME,) * 5, S.TALKING, S.TALKING, *(SAME,) * 3),
    "talk ends": (*(SAME,) * 4, *(S.WRAP_UP,) * 3, *(SAME,) * 3),
    "another talk ends": (SAME,) * 10,
    "dials out": (NO, S.TALKING, *(NO,) * 5, *(S.TALKING,) * 3),
    "forced ready": (NO, SAME, *(L_READY,) * 5, S.READY, S.READY, S.READY),
    "forced break": (NO, S.BREAK, S.BREAK, S.BREAK, *(L_BREAK,) * 3, S.BREAK, S.BREAK, S.BREAK),
    "forced out": (SAME, S.OFFLINE, S.OFFLINE, S.OFFLINE, *(L_OUT,) * 3, S.OFFLINE, S.OFFLINE, S.OFFLINE),
    "forced talking": (NO,) * 10,
    "forced late": (NO,) * 10,
    # Freed; those whose call still waits are offered it anew.
    "truth: idle": (SAME, SAME, S.RESERVED, S.RESERVED, *(S.WRAP_UP,) * 3, *(SAME,) * 3),
    "truth: talks": (S.TALKING, S.TALKING, S.TALKING, S.TALKING, *(SAME,) * 3, *(S.TALKING,) * 3),
    "time": (SAME,) * 10,
}
# fmt: on


def test_the_table_names_every_event_and_every_state() -> None:
    assert TABLE.keys() == EVENTS.keys()
    assert all(len(row) == len(S) for row in TABLE.values())


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", list(S))
def test_what_an_event_does_in_a_state(state: S, event: str) -> None:
    d = anna(state)
    assert d.state("anna") is state
    before = d.seen("anna")
    d.told.clear()
    d.tell(EVENTS[event](d))
    after = d.seen("anna")
    refused = [a for a in d.told if isinstance(a, m.CommandRefused)]
    expected = TABLE[event][list(S).index(state)]
    assert bool(refused) == (expected == NO)
    match expected:
        case "same" | "refused":
            assert (after.state, after.pending, after.since) == (before.state, before.pending, before.since)
        case ("later", later):
            assert after.state is state
            d.wait(1)
            if state in (S.RESERVED, S.RINGING):
                d.answer("c")
            d.finish("anna")
            assert d.state("anna") is later
        case _:
            assert after.state is expected
            assert after.epoch > before.epoch
            assert after.cause


@pytest.mark.parametrize("state", [S.READY, S.RINGING, S.TALKING, S.HOLD, S.CONSULTING, S.WRAP_UP])
def test_a_forced_state_says_by_whom_also_when_it_had_to_wait_for_the_calls_end(state: S) -> None:
    d = anna(state)
    d.tell(m.ForceState(agent_id=A, state=S.BREAK, by="lead", reason="talk"))
    if state in (S.TALKING, S.HOLD, S.CONSULTING):
        assert (d.state("anna"), d.seen("anna").pending_by) == (state, "lead")
        d.finish("anna")
    seen = d.seen("anna")
    assert (seen.state, seen.by, seen.reason, seen.cause) == (S.BREAK, "lead", "talk", "forced")
    d.tell(m.AgentReady(agent_id=A))
    assert d.seen("anna").by == ""


def test_of_two_supervisors_at_once_the_second_is_told_to_look_again() -> None:
    d = anna(S.READY)
    epoch = d.seen("anna").epoch
    d.tell(m.ForceState(agent_id=A, state=S.BREAK, by="one", epoch=epoch))
    d.tell(m.ForceState(agent_id=A, state=S.OFFLINE, by="two", epoch=epoch))
    assert d.last(m.CommandRefused).code == "state_changed"
    assert d.seen("anna").by == "one"


@pytest.mark.parametrize(
    ("presence", "code"),
    [({"phone": False}, "phone_not_registered"), ({"page": False}, "page_away")],
)
def test_nobody_is_ready_without_telephone_and_page(presence: dict[str, bool], code: str) -> None:
    d = anna(S.BREAK)
    d.tell(m.AgentPresence(agent_id=A, **presence))
    d.tell(m.AgentReady(agent_id=A))
    assert d.last(m.CommandRefused).code == code
    d.tell(m.ForceState(agent_id=A, state=S.READY, by="lead"))
    refused = d.last(m.CommandRefused)
    assert (refused.code, type(refused.command)) == (code, m.ForceState)
    assert d.state("anna") is S.BREAK


def test_a_page_that_is_gone_gets_no_offers_until_it_is_back() -> None:
    d = anna(S.READY)
    d.tell(m.AgentPresence(agent_id=A, page=False))
    d.call("c")
    assert d.offered_to("c") is None
    d.tell(m.AgentPresence(agent_id=A, page=True))
    assert d.offered_to("c") == "anna"


def test_wrap_up_is_timed_and_can_be_made_longer() -> None:
    d = anna(S.WRAP_UP)
    d.wait(20)
    d.tell(m.WrapUpExtended(agent_id=A, seconds=60))
    d.wait(69)
    assert d.state("anna") is S.WRAP_UP
    d.wait(1)
    assert (d.state("anna"), d.seen("anna").cause) == (S.READY, "wrap_up_over")


@pytest.mark.parametrize("after", [S.TALKING, S.HOLD, S.CONSULTING])
def test_wrap_up_follows_every_kind_of_transfer(after: S) -> None:
    """Blind from a conversation or from hold, attended from a consultation: the transferring agent's part ends."""
    d = anna(after)
    d.tell(m.CallQueued(call_id=CallId("c"), queue="general", since=d.now, excluded_agents=frozenset({A})))
    d.tell(m.TalkEnded(call_id=CallId("c"), agent_id=A))
    assert d.state("anna") is S.WRAP_UP
    d.wait(29)
    assert d.state("anna") is S.WRAP_UP
    d.wait(2)
    assert d.offered_to("c") == "anna", "nobody else is there for it"


def test_a_break_beyond_its_allowance_is_shown() -> None:
    d = anna(S.READY)
    d.tell(m.AgentBreak(agent_id=A, reason="meal", allowance_s=1800))
    assert d.seen("anna").allowance_until is not None
    d.wait(1799)
    assert not d.seen("anna").overdue
    d.wait(2)
    assert (d.seen("anna").overdue, d.state("anna")) == (True, S.BREAK)
    d.tell(m.AgentReady(agent_id=A))
    assert not d.seen("anna").overdue


def test_a_break_asked_for_during_a_call_has_its_allowance_and_one_that_a_call_interrupts_keeps_the_rest() -> None:
    d = anna(S.TALKING)
    d.tell(m.AgentBreak(agent_id=A, reason="meal", allowance_s=1800))
    d.wait(600)
    d.finish("anna")
    begun = d.now
    assert d.seen("anna").allowance_until == begun + timedelta(seconds=1800)
    d.wait(1000)
    d.tell(m.TalkStarted(call_id=CallId("out"), agent_id=A))
    d.wait(500)
    d.finish("anna")
    assert d.seen("anna").allowance_until == d.now + timedelta(seconds=800)
    d.wait(801)
    assert (d.state("anna"), d.seen("anna").overdue) == (S.BREAK, True)


def test_a_break_goes_on_after_a_call_taken_during_it() -> None:
    d = anna(S.BREAK)
    d.tell(m.AgentBreak(agent_id=A, reason="training"))
    d.tell(m.TalkStarted(call_id=CallId("out"), agent_id=A))
    d.finish("anna")
    assert (d.state("anna"), d.seen("anna").reason) == (S.BREAK, "training")


def test_missed_offers_in_a_row_pause_the_agent_and_one_click_returns() -> None:
    d = TestDesk(queue(max_missed=2))
    d.agent("anna")
    d.call("c")
    d.miss("c")
    assert d.offered_to("c") == "anna", "nobody else is there"
    d.miss("c")
    assert (d.state("anna"), d.seen("anna").reason) == (S.NOT_RESPONDING, "no_answer")
    d.tell(m.AgentReady(agent_id=A))
    assert d.offered_to("c") == "anna"


# --- the comparison with the calls ---


def test_the_comparison_frees_who_is_stuck_and_writes_it_down() -> None:
    d = anna(S.TALKING)
    d.wait(10)
    d.tell(m.TruthSeen(talking={}))
    incident = d.last(m.IncidentFound)
    assert (incident.kind, incident.agent_id, incident.call_id) == ("agent_freed", "anna", "c")
    assert d.state("anna") is S.WRAP_UP


def test_the_comparison_leaves_alone_what_has_only_just_changed() -> None:
    d = anna(S.TALKING)
    d.wait(2)
    d.tell(m.TruthSeen(talking={}))
    assert d.state("anna") is S.TALKING


def test_the_comparison_finds_an_agent_who_talks_unknown_to_us() -> None:
    d = anna(S.READY)
    d.wait(10)
    d.tell(m.TruthSeen(talking={A: CallId("x")}))
    assert (d.state("anna"), d.seen("anna").call_id) == (S.TALKING, "x")
    assert d.last(m.IncidentFound).kind == "agent_found_talking"


def test_the_comparison_forgets_a_waiting_call_that_is_no_more() -> None:
    d = TestDesk(queue())
    d.call("gone")
    d.call("there")
    d.wait(10)
    d.tell(m.TruthSeen(talking={}, waiting=frozenset({CallId("there")})))
    assert [c.call_id for c in d.rules.waiting("general")] == ["there"]
    assert d.last(m.IncidentFound).call_id == "gone"


def test_stale_and_strange_messages_change_nothing() -> None:
    d = anna(S.TALKING)
    before = d.rules.snapshot()
    strangers: list[m.Command] = [
        m.OfferAnswered(offer_id=OfferId("c-1")),
        m.OfferFailed(offer_id=OfferId("c-1"), failure=m.OfferFailure.NO_ANSWER),
        m.CallbackFailed(offer_id=OfferId("c-1"), reason="busy"),
        m.CallbackReached(offer_id=OfferId("c-1")),
        m.TalkEnded(call_id=CallId("c"), agent_id=AgentId("nobody")),
        m.CallLeft(call_id=CallId("nobody"), cause=m.LeaveCause.ENDED),
        m.AgentPresence(agent_id=AgentId("nobody"), phone=True),
        m.TimePassed(),
    ]
    for command in strangers:
        assert d.tell(command) == []
    assert d.rules.snapshot() == before
