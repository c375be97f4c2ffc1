"""Where a call can be, and the stretches of which its time is made. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callcenter.ids import AgentId


class Phase(StrEnum):
    MENU = "menu"
    MESSAGE = "message"
    """The caller is being recorded (voicemail, a spoken comment)."""
    WAITING = "waiting"
    OFFERED = "offered"
    TALKING = "talking"
    HELD = "held"
    CONSULTING = "consulting"
    """The caller hears music while the agent asks a colleague; see ``Call.consult`` for where the agent listens."""
    CONFERENCE = "conference"
    """Caller, agent and the colleague who was asked in, all in one."""
    FORWARDING = "forwarding"
    """The caller hears the ringing of a telephone outside; nobody of ours is in the call (any more)."""
    OUTSIDE = "outside"
    """The caller talks with somebody outside, and nobody of ours is in the call."""
    PARKED = "parked"
    """The agent's telephone is lost in mid-call: the caller hears music and is kept for the agent a while."""
    CALLING_AGENT = "calling_agent"
    """A call that we make: the agent's own telephone rings first."""
    DIALLING = "dialling"
    """The agent hears the ringing of the telephone outside."""
    LEAVING = "leaving"
    """We asked the switch to end the caller's channel and wait to hear that it is gone."""
    ENDED = "ended"


class SegmentKind(StrEnum):
    MENU = "menu"
    WAIT = "wait"
    RING = "ring"
    TALK = "talk"
    HOLD = "hold"
    WRAP_UP = "wrap_up"
    CONSULT = "consult"
    CONFERENCE = "conference"
    DIAL = "dial"
    """The agent, or with nobody named the caller, waits for a telephone outside to be answered."""
    OUTSIDE = "outside"
    """The caller talks with somebody outside who is none of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One stretch of a call. Segments follow each other without gap or overlap; the last may be open."""

    kind: SegmentKind
    started_at: datetime
    ended_at: datetime | None = None
    agent_id: AgentId | None = None
    queue: str | None = None
    number: str | None = None
    """Of the telephone outside that was asked, dialled or talked with in this stretch, beside the call's own."""
    result: str | None = None
    """How it ended: ``answered``, ``no_answer``, ``abandoned``, ``transferred`` …"""
