"""A supervisor's session as a table: every state and event, and what a whole session does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.ids import AgentId, CallId, SessionId
from callcenter.supervision import model as s
from callcenter.supervision.model import Mode, Session, State
from callcenter.supervision.session import TABLE, begin, step

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ID = SessionId("a" * 32)
PHONE, BRIDGE = f"sv-{ID}-phone", f"sv-{ID}-bridge"
ONE, TWO, THREE = (f"sv-{ID}-snoop{n}" for n in (1, 2, 3))
COLLEAGUE, HEARD, HEARD_2 = "sv-other-phone", f"sv-{ID}-colleague1", f"sv-{ID}-colleague2"
"""Another supervisor's telephone, and by what they are heard."""
ASKED = Session(
    id=ID,
    account_id="boss",
    name="主管",
    seat="supervisor-1",
    agent_id=AgentId("anna"),
    agent_name="Anna",
    agent_extension="1001",
    call_id=CallId("c" * 32),
    caller_number="13800000001",
    agent_channel="leg1",
    wanted=Mode.LISTEN,
    asked_at=T0,
)


def after(session: Session, *events: s.Event) -> tuple[Session, tuple[s.Action, ...]]:
    """What is left after some events, a second apart, and what the last one asked for."""
    actions: tuple[s.Action, ...] = ()
    for number, event in enumerate(events, start=1):
        session, actions = step(session, event, T0 + timedelta(seconds=number))
    return session, actions


LIVE = after(ASKED, s.SeatOnline(), s.LegUp(), s.SnoopUp(channel=ONE))[0]
IN_STATE: dict[State, Session] = {
    State.ASKED: ASKED,
    State.RINGING: after(ASKED, s.SeatOnline())[0],
    State.ATTACHING: after(ASKED, s.SeatOnline(), s.LegUp())[0],
    State.LIVE: LIVE,
    State.WAITING: after(LIVE, s.SnoopGone(channel=ONE))[0],
    State.ENDED: after(LIVE, s.Stop(reason="stopped"))[0],
}


def example(event: type[s.Event], session: Session) -> s.Event:
    made: dict[type, Callable[[], s.Event]] = {
        s.SnoopUp: lambda: s.SnoopUp(channel=session.coming or THREE),
        s.SnoopGone: lambda: s.SnoopGone(channel=session.snoop or THREE),
        s.ColleagueSpeaks: lambda: s.ColleagueSpeaks(leg=COLLEAGUE),
        s.Veiled: lambda: s.Veiled(on=not session.veiled),
        s.HushOver: lambda: s.HushOver(playback=session.hush, ok=True),
        s.AgentSeen: lambda: s.AgentSeen(channel="leg2"),
        s.ModeAsked: lambda: s.ModeAsked(mode=Mode.JOIN),
        s.TimedOut: lambda: s.TimedOut(timer=session.state),
        s.Failed: lambda: s.Failed(target="", gone=False),
        s.Stop: lambda: s.Stop(reason="stopped"),
    }
    return made[event]() if event in made else event()


@pytest.mark.parametrize(("state", "event"), list(product(State, s.EVENTS)))
def test_every_state_knows_every_event(state: State, event: type[s.Event]) -> None:
    session = IN_STATE[state]
    assert session.state is state
    now, actions = step(session, example(event, session), T0)
    assert set(TABLE[state]) == set(s.EVENTS)
    if now.state is State.ENDED and state is not State.ENDED:
        assert now.reason
        assert now.mode is None
        mine = {session.leg, session.snoop, session.coming, session.colleague_snoop}
        left = mine - {""} if state is not State.ASKED else set()
        assert {one.channel for one in actions if isinstance(one, s.HangUp)} == left, "nothing of it is left"


def test_the_page_registers_is_rung_and_hears() -> None:
    assert begin(ASKED)[1] == (s.SetTimer(timer=State.ASKED, seconds=8.0),)
    ringing, asked = after(ASKED, s.SeatOnline())
    assert [type(one) for one in asked] == [s.CreateBridge, s.DialSeat, s.SetTimer]
    attaching, asked = after(ringing, s.LegUp())
    assert asked[:2] == (s.Join(bridge=BRIDGE, channel=PHONE), s.Snoop(channel="leg1", snoop=ONE, whisper="none"))
    live, asked = after(attaching, s.SnoopUp(channel=ONE))
    assert asked == (s.Join(bridge=BRIDGE, channel=ONE),)
    assert (live.state, live.mode) == (State.LIVE, Mode.LISTEN)


def test_another_mode_is_another_snoop_and_the_old_one_leaves_first() -> None:
    changing, asked = after(LIVE, s.ModeAsked(mode=Mode.WHISPER))
    assert asked == (s.Snoop(channel="leg1", snoop=TWO, whisper="out"),)
    assert changing.mode is Mode.LISTEN, "as it is, not as it is wished"
    changed, asked = after(changing, s.SnoopUp(channel=TWO))
    assert asked == (
        s.Leave(bridge=BRIDGE, channel=ONE),
        s.Join(bridge=BRIDGE, channel=TWO),
        s.HangUp(channel=ONE),
    )
    assert after(changed, s.SnoopGone(channel=ONE)) == (changed, ()), "the old one's end ends nothing"
    assert [(one.mode, one.ended is None) for one in changed.stretches] == [(Mode.LISTEN, False), (Mode.WHISPER, True)]


def test_a_wish_that_comes_while_a_snoop_does_is_looked_at_when_it_is_up() -> None:
    wished, asked = after(LIVE, s.ModeAsked(mode=Mode.WHISPER), s.ModeAsked(mode=Mode.JOIN))
    assert asked == ()
    up, asked = after(wished, s.SnoopUp(channel=TWO))
    assert asked[-1] == s.Snoop(channel="leg1", snoop=THREE, whisper="both")
    assert after(up, s.SnoopUp(channel=THREE))[0].mode is Mode.JOIN


def test_it_waits_for_an_agent_whose_telephone_is_lost_and_follows_to_the_next() -> None:
    waiting, asked = after(LIVE, s.SnoopGone(channel=ONE))
    assert (waiting.state, waiting.mode) == (State.WAITING, None)
    assert asked == (s.SetTimer(timer=State.WAITING, seconds=30.0),)
    assert after(waiting, s.AgentSeen(channel=None)) == (waiting, ())
    assert after(waiting, s.AgentSeen(channel="leg1")) == (waiting, ()), "the one that is gone"
    back, asked = after(waiting, s.AgentSeen(channel="leg2"))
    assert asked[0] == s.Snoop(channel="leg2", snoop=TWO, whisper="none")
    assert after(back, s.SnoopUp(channel=TWO))[0].mode is Mode.LISTEN
    assert after(waiting, s.TimedOut(timer=State.WAITING))[0].reason == "agent_away"


def test_who_listens_hears_the_colleague_who_speaks() -> None:
    speaks, over = s.ColleagueSpeaks(leg=COLLEAGUE), s.ColleagueSpeaks(leg=None)
    two, asked = after(LIVE, speaks)
    assert asked == (s.Snoop(channel=COLLEAGUE, snoop=HEARD, spy="in"),), "what they say, and nothing goes to them"
    assert after(two, speaks) == (two, ())
    heard, asked = after(two, s.SnoopUp(channel=HEARD))
    assert asked == (s.Join(bridge=BRIDGE, channel=HEARD),)
    assert after(heard, over)[1] == (s.HangUp(channel=HEARD),)
    assert after(heard, s.SnoopGone(channel=HEARD))[0].state is State.LIVE, "the call is heard all the same"
    assert after(two, s.Failed(target=COLLEAGUE, gone=True))[0].state is State.LIVE
    early = after(ASKED, speaks, s.SeatOnline(), s.LegUp())[0]
    assert after(early, s.SnoopUp(channel=ONE))[1][-1] == s.Snoop(channel=COLLEAGUE, snoop=HEARD, spy="in")


def test_who_wants_to_speak_lets_the_colleague_go_first() -> None:
    """Else the colleague's voice would be said on, to whom it was not for."""
    heard = after(LIVE, s.ColleagueSpeaks(leg=COLLEAGUE), s.SnoopUp(channel=HEARD))[0]
    joining, asked = after(heard, s.ModeAsked(mode=Mode.JOIN))
    assert asked == (s.HangUp(channel=HEARD), s.Snoop(channel="leg1", snoop=TWO, whisper="both"))
    assert after(joining, s.ColleagueSpeaks(leg=COLLEAGUE))[1] == ()
    _, asked = after(joining, s.SnoopUp(channel=TWO), s.ModeAsked(mode=Mode.LISTEN), s.SnoopUp(channel=THREE))
    assert asked[-1] == s.Snoop(channel=COLLEAGUE, snoop=HEARD_2, spy="in"), "and is heard again afterwards"


def test_nobody_listens_while_the_caller_types_secret_digits() -> None:
    on, off = s.Veiled(on=True), s.Veiled(on=False)
    covered, asked = after(LIVE, on)
    assert asked == (s.HangUp(channel=ONE),)
    assert (covered.state, covered.mode, covered.stretches[0].ended is None) == (State.WAITING, None, False)
    assert after(covered, on) == (covered, ())
    assert after(covered, s.SnoopGone(channel=ONE)) == (covered, ())
    assert after(covered, s.ModeAsked(mode=Mode.LISTEN))[1] == ()
    again, asked = after(covered, off)
    assert asked[0] == s.Snoop(channel="leg1", snoop=TWO)
    assert after(again, s.SnoopUp(channel=TWO))[0].mode is Mode.LISTEN
    early, asked = after(ASKED, on, s.SeatOnline(), s.LegUp())
    assert (early.state, asked) == (State.WAITING, (s.Join(bridge=BRIDGE, channel=PHONE),)), "nor from the first moment"
    coming, asked = after(IN_STATE[State.ATTACHING], on)
    assert asked == (s.HangUp(channel=ONE),)
    assert after(coming, s.SnoopUp(channel=ONE))[1] == (s.HangUp(channel=ONE),), "one that comes up all the same"


def test_an_agent_whose_customer_is_on_hold_is_played_silence_to_hear_a_whisper_by() -> None:
    hold, resume = s.AgentSeen(channel="leg1", alone=True), s.AgentSeen(channel="leg1")
    hush, next_one = f"sv-{ID}-hush1", f"sv-{ID}-hush2"
    assert after(LIVE, hold)[1] == (), "nobody speaks to them"
    whispering = after(LIVE, s.ModeAsked(mode=Mode.WHISPER), s.SnoopUp(channel=TWO))[0]
    held, asked = after(whispering, hold)
    assert asked == (s.Hush(channel="leg1", playback=hush),)
    on, asked = after(held, s.HushOver(playback=hush, ok=True))
    assert asked == (s.Hush(channel="leg1", playback=next_one),), "as long as it is needed"
    assert after(on, resume)[1] == (s.StopHush(playback=next_one),), "else the customer is not heard"
    assert after(held, s.HushOver(playback=hush, ok=False))[1] == (), "a sound that is not there is not tried for ever"
    assert s.StopHush(playback=hush) in after(held, s.ModeAsked(mode=Mode.LISTEN), s.SnoopUp(channel=THREE))[1]
    for over in (s.Stop(reason="stopped"), s.SnoopGone(channel=TWO), s.LegGone()):
        assert s.StopHush(playback=hush) in after(held, over)[1]


def test_an_agents_channel_that_ends_before_the_snoop_is_no_failure_of_the_switch() -> None:
    attaching = IN_STATE[State.ATTACHING]
    assert after(attaching, s.Failed(target="leg1", gone=True))[0].state is State.WAITING
    assert after(attaching, s.Failed(target="leg1", gone=False))[0].reason == "switch_refused"


@pytest.mark.parametrize(
    ("state", "event", "reason"),
    [
        (State.ASKED, s.TimedOut(timer=State.ASKED), "phone_not_registered"),
        (State.RINGING, s.LegGone(), "phone_no_answer"),
        (State.RINGING, s.TimedOut(timer=State.RINGING), "phone_no_answer"),
        (State.LIVE, s.LegGone(), "hung_up"),
        (State.LIVE, s.Stop(reason="call_over"), "call_over"),
    ],
)
def test_it_says_why_it_ended(state: State, event: s.Event, reason: str) -> None:
    assert after(IN_STATE[state], event)[0].reason == reason


def test_a_timer_of_an_earlier_state_means_nothing() -> None:
    assert after(LIVE, s.TimedOut(timer=State.ATTACHING)) == (LIVE, ())
    ringing = IN_STATE[State.RINGING]
    assert after(ringing, s.TimedOut(timer=State.ASKED)) == (ringing, ())


EVENT = st.one_of(
    st.sampled_from([s.SeatOnline(), s.LegUp(), s.LegGone()]),
    st.sampled_from([ONE, TWO, THREE, HEARD, HEARD_2]).map(lambda name: s.SnoopUp(channel=name)),
    st.sampled_from([ONE, TWO, THREE, HEARD, HEARD_2]).map(lambda name: s.SnoopGone(channel=name)),
    st.sampled_from([None, COLLEAGUE, "sv-third-phone"]).map(lambda leg: s.ColleagueSpeaks(leg=leg)),
    st.booleans().map(lambda on: s.Veiled(on=on)),
    st.builds(s.AgentSeen, channel=st.sampled_from([None, "leg1", "leg2"]), alone=st.booleans()),
    st.builds(s.HushOver, playback=st.sampled_from([f"sv-{ID}-hush{n}" for n in (1, 2)]), ok=st.booleans()),
    st.sampled_from(Mode).map(lambda mode: s.ModeAsked(mode=mode)),
    st.sampled_from(State).map(lambda state: s.TimedOut(timer=state)),
    st.sampled_from(["leg1", PHONE, ONE, COLLEAGUE, HEARD, ""]).map(lambda target: s.Failed(target=target, gone=True)),
)


@given(st.lists(EVENT, max_size=30))
def test_whatever_happens_every_channel_that_was_asked_for_is_given_up_in_the_end(events: list[s.Event]) -> None:
    session, made, ended, hushed = ASKED, set[str](), set[str](), set[str]()
    said_on, colleagues = set[str](), set[str]()
    for event in (*events, s.Stop(reason="stopped")):
        before = session
        session, actions = step(session, event, T0)
        if isinstance(event, s.HushOver):
            hushed.discard(event.playback)
        for one in actions:
            if isinstance(one, s.DialSeat):
                made.add(one.channel)
            elif isinstance(one, s.Snoop):
                made.add(one.snoop)
                assert not session.veiled, "nothing is listened to while digits are secret"
                (colleagues if one.spy == "in" else said_on if one.whisper != "none" else set()).add(one.snoop)
                assert not (colleagues and said_on), "no colleague is said on to whom it was not for"
            elif isinstance(one, s.HangUp):
                ended.add(one.channel)
                colleagues.discard(one.channel)
                said_on.discard(one.channel)
            elif isinstance(one, s.Hush):
                assert not hushed, "one at a time"
                hushed.add(one.playback)
            elif isinstance(one, s.StopHush):
                hushed.remove(one.playback)
        assert hushed == {session.hush} - {""}
        assert not (session.veiled and (session.snoop or session.mode))
        if isinstance(event, s.SnoopGone | s.LegGone):
            ended.add(event.channel if isinstance(event, s.SnoopGone) else PHONE)
            colleagues -= ended
            said_on -= ended
        assert len({session.snoop, session.coming} - {""}) == (session.snoop != "") + (session.coming != "")
        if before.state is State.ENDED:
            assert replace(session, reason="") == replace(before, reason="")
        open_ones = [one for one in session.stretches if one.ended is None]
        assert len(open_ones) == (session.mode is not None)
    assert session.state is State.ENDED
    assert made <= ended
