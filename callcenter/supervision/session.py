"""One supervisor's ear at one call: its states as one table. Pure.

The supervisor's own telephone is rung and set into a bridge of its own; beside it comes a snoop, a channel that
copies what the agent says and hears, and, to whisper or to join, puts what the supervisor says into the agent's
channel: out to the agent alone, or both ways. The bridge of the call is never touched, so that a session can neither
delay nor end the call. A snoop cannot be changed: another mode is another snoop.

Several may be at one call. All may listen, and one at a time may speak, to the agent or to all; whoever listens hears
them as well, by a second snoop, at their telephone. Who speaks has none: what comes into their bridge is said on.

::

    asked ──registered──► ringing ──answered──► attaching ──snoop up──► live ◄──► waiting (for the agent's telephone)
      └────────────────────┴──────────────────────┴────────────────────┴───────────┴──► ended, with a reason
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from callcenter.ids import session_thing
from callcenter.supervision.model import (
    WHISPERED,
    Action,
    AgentSeen,
    ColleagueSpeaks,
    CreateBridge,
    DestroyBridge,
    DialSeat,
    Event,
    Failed,
    HangUp,
    Hush,
    HushOver,
    Join,
    Leave,
    LegGone,
    LegUp,
    Mode,
    ModeAsked,
    SeatOnline,
    Session,
    SetTimer,
    Snoop,
    SnoopGone,
    SnoopUp,
    State,
    Stop,
    StopHush,
    Stretch,
    TimedOut,
    Veiled,
)

REGISTER_WITHIN_S: Final = 8.0
"""How long the page may take to register its telephone."""
ANSWER_WITHIN_S: Final = 10.0
"""How long the page may take to answer: somebody may be asked whether it may use the microphone."""
SNOOP_WITHIN_S: Final = 5.0
AGENT_BACK_WITHIN_S: Final = 30.0
"""A call is kept for an agent whose page is lost for 20 s."""

Outcome = tuple[Session, tuple[Action, ...]]
Handler = Callable[[Session, Event, datetime], Outcome]


def begin(session: Session) -> Outcome:
    """A session that has just been asked for."""
    return session, (SetTimer(timer=State.ASKED, seconds=REGISTER_WITHIN_S),)


def step(session: Session, event: Event, now: datetime) -> Outcome:
    """What an event makes of it, and what is to be done."""
    session, actions = TABLE[session.state][type(event)](session, event, now)
    return _with_colleague(*_fed(*_covered(session, actions, now)))


def _covered(session: Session, actions: tuple[Action, ...], now: datetime) -> Outcome:
    """While the caller types secret digits nothing is listened to, and nothing that would be is asked for."""
    if not session.veiled or session.state not in (State.ATTACHING, State.LIVE):
        return session, actions
    asked = {one.snoop for one in actions if isinstance(one, Snoop)}
    kept = tuple(one for one in actions if not isinstance(one, Snoop | SetTimer))
    strays = tuple(HangUp(channel=one) for one in (session.snoop, session.coming) if one and one not in asked)
    return _in_force(replace(session, state=State.WAITING, snoop="", coming=""), None, now), (*kept, *strays)


def _fed(session: Session, actions: tuple[Action, ...]) -> Outcome:
    """Silence is played to an agent who is spoken to and hears nobody else, and to no other: nobody could be heard
    beside it."""
    spoken_to = session.alone and session.mode in (Mode.WHISPER, Mode.JOIN)
    if session.hush and not spoken_to:
        return replace(session, hush=""), (StopHush(playback=session.hush), *actions)
    if spoken_to and not session.hush:
        name = session_thing(session.id, f"hush{session.hushes + 1}")
        hush = Hush(channel=session.agent_channel, playback=name)
        return replace(session, hush=name, hushes=session.hushes + 1), (*actions, hush)
    return session, actions


def _with_colleague(session: Session, actions: tuple[Action, ...]) -> Outcome:
    """Who listens hears the supervisor who speaks. Who wants to speak hears nobody but the call any more, before what
    comes into their bridge is said on."""
    listens = session.state is State.LIVE and session.mode is session.wanted is Mode.LISTEN
    at = session.colleague if listens else ""
    if at == session.colleague_at:
        return session, actions
    if session.colleague_snoop:
        actions = (HangUp(channel=session.colleague_snoop), *actions)
    if not at:
        return replace(session, colleague_snoop="", colleague_at=""), actions
    number = session.colleague_snoops + 1
    name = session_thing(session.id, f"colleague{number}")
    session = replace(session, colleague_snoop=name, colleague_at=at, colleague_snoops=number)
    return session, (*actions, Snoop(channel=at, snoop=name, spy="in"))


# --- the handlers ---


def _ignored(session: Session, event: Event, now: datetime) -> Outcome:
    return session, ()


def _rings(session: Session, event: Event, now: datetime) -> Outcome:
    return replace(session, state=State.RINGING), (
        CreateBridge(bridge=session.bridge),
        DialSeat(channel=session.leg, seat=session.seat, timeout_s=ANSWER_WITHIN_S),
        SetTimer(timer=State.RINGING, seconds=ANSWER_WITHIN_S),
    )


def _answered(session: Session, event: Event, now: datetime) -> Outcome:
    session, asked = _ask_snoop(replace(session, state=State.ATTACHING))
    return session, (
        Join(bridge=session.bridge, channel=session.leg),
        *asked,
        SetTimer(timer=State.ATTACHING, seconds=SNOOP_WITHIN_S),
    )


def _ask_snoop(session: Session) -> Outcome:
    """A snoop at the agent's channel in the mode that is wanted."""
    name = session_thing(session.id, f"snoop{session.snoops + 1}")
    asked = Snoop(channel=session.agent_channel, snoop=name, whisper=WHISPERED[session.wanted])
    return replace(session, coming=name, coming_mode=session.wanted, snoops=session.snoops + 1), (asked,)


def _snoop_up(session: Session, event: Event, now: datetime) -> Outcome:
    assert isinstance(event, SnoopUp)
    if event.channel == session.colleague_snoop:
        return session, (Join(bridge=session.bridge, channel=event.channel),)
    if event.channel != session.coming:  # given up meanwhile
        return session, (HangUp(channel=event.channel),)
    before = session.snoop
    session = _in_force(replace(session, state=State.LIVE, snoop=event.channel, coming=""), session.coming_mode, now)
    # The old one leaves first: two would hear, and whisper, each other.
    apart: tuple[Action, ...] = (Leave(bridge=session.bridge, channel=before),) if before else ()
    actions: tuple[Action, ...] = (*apart, Join(bridge=session.bridge, channel=session.snoop))
    if before:
        actions = (*actions, HangUp(channel=before))
    if session.wanted is not session.mode:
        session, asked = _ask_snoop(session)
        actions = (*actions, *asked)
    return session, actions


def _in_force(session: Session, mode: Mode | None, now: datetime) -> Session:
    """Close the open stretch; with a mode, begin the next in the same instant."""
    if mode is session.mode:
        return session
    done = tuple(one if one.ended else replace(one, ended=now) for one in session.stretches)
    begun = (Stretch(mode=mode, began=now),) if mode is not None else ()
    return replace(session, mode=mode, stretches=(*done, *begun))


def _snoop_gone(session: Session, event: Event, now: datetime) -> Outcome:
    """A snoop ends with the channel that it is at. Whether the agent comes back, the call tells."""
    assert isinstance(event, SnoopGone)
    if event.channel == session.colleague_snoop:
        return _colleague_lost(session), ()
    if event.channel not in (session.snoop, session.coming):
        return session, ()
    return _lost_agent(session, now, gone=event.channel)


def _lost_agent(session: Session, now: datetime, gone: str = "") -> Outcome:
    strays = tuple(HangUp(channel=name) for name in (session.snoop, session.coming) if name not in ("", gone))
    session = _in_force(replace(session, state=State.WAITING, snoop="", coming=""), None, now)
    return session, (*strays, SetTimer(timer=State.WAITING, seconds=AGENT_BACK_WITHIN_S))


def _agent_moved(session: Session, event: Event, now: datetime) -> Outcome:
    assert isinstance(event, AgentSeen)
    return replace(session, agent_channel=event.channel or session.agent_channel, alone=event.alone), ()


def _agent_elsewhere(session: Session, event: Event, now: datetime) -> Outcome:
    """The agent has another telephone now: the snoop must follow."""
    moved, _ = _agent_moved(session, event, now)
    if moved.agent_channel == session.agent_channel:
        return moved, ()
    strays = tuple(HangUp(channel=name) for name in (moved.snoop, moved.coming) if name)
    moved = _in_force(replace(moved, state=State.ATTACHING, snoop="", coming=""), None, now)
    session, asked = _ask_snoop(moved)
    return session, (*strays, *asked, SetTimer(timer=State.ATTACHING, seconds=SNOOP_WITHIN_S))


def _hush_over(session: Session, event: Event, now: datetime) -> Outcome:
    """The next piece follows while it is needed. Where it cannot be played, nothing more is tried in this hold."""
    assert isinstance(event, HushOver)
    if event.playback != session.hush:
        return session, ()
    return replace(session, hush="", alone=session.alone and event.ok), ()


def _colleague_speaks(session: Session, event: Event, now: datetime) -> Outcome:
    assert isinstance(event, ColleagueSpeaks)
    return replace(session, colleague=event.leg or ""), ()


def _colleague_lost(session: Session) -> Session:
    """Their telephone is gone; that they speak no more is told as well."""
    return replace(session, colleague="", colleague_snoop="", colleague_at="")


def _veiled(session: Session, event: Event, now: datetime) -> Outcome:
    assert isinstance(event, Veiled)
    return replace(session, veiled=event.on), ()


def _unveiled(session: Session, event: Event, now: datetime) -> Outcome:
    assert isinstance(event, Veiled)
    if event.on or not session.veiled:
        return replace(session, veiled=event.on), ()
    session, asked = _ask_snoop(replace(session, veiled=False, state=State.ATTACHING))
    return session, (*asked, SetTimer(timer=State.ATTACHING, seconds=SNOOP_WITHIN_S))


def _mode_later(session: Session, event: Event, now: datetime) -> Outcome:
    assert isinstance(event, ModeAsked)
    return replace(session, wanted=event.mode), ()


def _mode_asked(session: Session, event: Event, now: datetime) -> Outcome:
    session, _ = _mode_later(session, event, now)
    if session.coming or session.wanted is session.mode:
        return session, ()  # what is coming is looked at when it is up
    return _ask_snoop(session)


def _timed_out(session: Session, event: Event, now: datetime) -> Outcome:
    assert isinstance(event, TimedOut)
    return _end(session, _LATE[session.state], now) if event.timer is session.state else (session, ())


_LATE: Final[Mapping[State, str]] = {
    State.ASKED: "phone_not_registered",
    State.RINGING: "phone_no_answer",
    State.ATTACHING: "switch_refused",
    State.WAITING: "agent_away",
}


def _failed(session: Session, event: Event, now: datetime) -> Outcome:
    """What was asked of Asterisk came to nothing."""
    assert isinstance(event, Failed)
    if event.target and event.target in (session.colleague_at, session.colleague_snoop):
        return _colleague_lost(session), (HangUp(channel=session.colleague_snoop),)  # the call is heard all the same
    if event.gone and event.target == session.agent_channel:
        return _lost_agent(session, now)  # it ended between the wish and the deed
    if event.gone and event.target in (session.leg, session.snoop):
        return session, ()  # its own end is told as well
    return _end(session, "switch_refused", now)


def _refused(session: Session, event: Event, now: datetime) -> Outcome:
    return _end(session, "phone_no_answer", now)


def _hung_up(session: Session, event: Event, now: datetime) -> Outcome:
    return _end(session, "hung_up", now)


def _stop(session: Session, event: Event, now: datetime) -> Outcome:
    assert isinstance(event, Stop)
    return _end(session, event.reason, now)


def _end(session: Session, reason: str, now: datetime) -> Outcome:
    dialled = session.state is not State.ASKED
    names = (*((session.leg,) if dialled else ()), session.snoop, session.coming)
    actions: tuple[Action, ...] = tuple(HangUp(channel=name) for name in names if name)
    if dialled:
        actions = (*actions, DestroyBridge(bridge=session.bridge))
    session = _in_force(session, None, now)
    return replace(session, state=State.ENDED, reason=reason, ended_at=now, snoop="", coming=""), actions


def _stray(session: Session, event: Event, now: datetime) -> Outcome:
    """Something of it came up after its end."""
    return session, (HangUp(channel=event.channel if isinstance(event, SnoopUp) else session.leg),)


TABLE: Final[Mapping[State, Mapping[type[Event], Handler]]] = {
    State.ASKED: {
        SeatOnline: _rings,
        LegUp: _ignored,
        LegGone: _ignored,
        SnoopUp: _ignored,
        SnoopGone: _ignored,
        AgentSeen: _agent_moved,
        HushOver: _ignored,
        ColleagueSpeaks: _colleague_speaks,
        Veiled: _veiled,
        ModeAsked: _mode_later,
        TimedOut: _timed_out,
        Failed: _ignored,
        Stop: _stop,
    },
    State.RINGING: {
        SeatOnline: _ignored,
        LegUp: _answered,
        LegGone: _refused,
        SnoopUp: _ignored,
        SnoopGone: _ignored,
        AgentSeen: _agent_moved,
        HushOver: _ignored,
        ColleagueSpeaks: _colleague_speaks,
        Veiled: _veiled,
        ModeAsked: _mode_later,
        TimedOut: _timed_out,
        Failed: _failed,
        Stop: _stop,
    },
    State.ATTACHING: {
        SeatOnline: _ignored,
        LegUp: _ignored,
        LegGone: _hung_up,
        SnoopUp: _snoop_up,
        SnoopGone: _snoop_gone,
        AgentSeen: _agent_elsewhere,
        HushOver: _ignored,
        ColleagueSpeaks: _colleague_speaks,
        Veiled: _veiled,
        ModeAsked: _mode_later,
        TimedOut: _timed_out,
        Failed: _failed,
        Stop: _stop,
    },
    State.LIVE: {
        SeatOnline: _ignored,
        LegUp: _ignored,
        LegGone: _hung_up,
        SnoopUp: _snoop_up,
        SnoopGone: _snoop_gone,
        AgentSeen: _agent_elsewhere,
        HushOver: _hush_over,
        ColleagueSpeaks: _colleague_speaks,
        Veiled: _veiled,
        ModeAsked: _mode_asked,
        TimedOut: _ignored,
        Failed: _failed,
        Stop: _stop,
    },
    State.WAITING: {
        SeatOnline: _ignored,
        LegUp: _ignored,
        LegGone: _hung_up,
        SnoopUp: _snoop_up,
        SnoopGone: _ignored,
        AgentSeen: _agent_elsewhere,
        HushOver: _ignored,
        ColleagueSpeaks: _colleague_speaks,
        Veiled: _unveiled,
        ModeAsked: _mode_later,
        TimedOut: _timed_out,
        Failed: _failed,
        Stop: _stop,
    },
    State.ENDED: {
        SeatOnline: _ignored,
        LegUp: _stray,
        LegGone: _ignored,
        SnoopUp: _stray,
        SnoopGone: _ignored,
        AgentSeen: _ignored,
        HushOver: _ignored,
        ColleagueSpeaks: _ignored,
        Veiled: _ignored,
        ModeAsked: _ignored,
        TimedOut: _ignored,
        Failed: _ignored,
        Stop: _ignored,
    },
}
"""All pairs; a test walks them."""
