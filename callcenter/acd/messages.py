"""What the desk is told and what it decides. Frozen; times are aware UTC; seconds are float seconds.

The call owns the agent's leg and the ring timer: it reports how an offer ended. The desk owns who is
offered what. So a call that is answered in the same instant as its ring time-out is judged in one place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from callcenter.ids import AgentId, CallId, OfferId


class AgentState(StrEnum):
    OFFLINE = "offline"
    READY = "ready"
    RESERVED = "reserved"
    """An offer was made; the telephone does not ring yet."""
    RINGING = "ringing"
    TALKING = "talking"
    HOLD = "hold"
    CONSULTING = "consulting"
    WRAP_UP = "wrap_up"
    BREAK = "break"
    NOT_RESPONDING = "not_responding"
    """Missed offers in a row; one click on ready returns."""


class OfferFailure(StrEnum):
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    """The telephone was not registered or Asterisk refused the dial."""
    BUSY = "busy"
    CALLER_GONE = "caller_gone"
    """Not the agent's fault: does not count as missed."""


class LeaveCause(StrEnum):
    """Why a call left its queue without being answered there."""

    CALLER_HUNG_UP = "caller_hung_up"
    EXIT_KEY = "exit_key"
    OVERFLOW = "overflow"
    CALLBACK = "callback"
    SWITCH_LOST = "switch_lost"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentProfile:
    agent_id: AgentId
    name: str
    extension: str
    """The agent's short number, by which colleagues transfer to them."""
    seat: str
    """PJSIP endpoint."""
    queues: dict[str, int]
    """Queue name → level 1 (best) … 9."""
    skills: dict[str, int] = field(default_factory=dict)
    wrap_up_s: float | None = None
    """Overrides the queue's."""
    drill: bool = False


# --- commands: what the desk is told -------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLoggedIn:
    profile: AgentProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLoggedOut:
    agent_id: AgentId
    cause: str = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentReady:
    """Refused (``CommandRefused``) unless the phone is registered and the page present."""

    agent_id: AgentId
    cause: str = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentBreak:
    """During a call it takes effect when the call and its wrap-up are over."""

    agent_id: AgentId
    reason: str
    cause: str = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPresence:
    """Whether the agent's telephone is registered and page connected; None leaves that one as it was."""

    agent_id: AgentId
    phone: bool | None = None
    page: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued:
    """A call waits. ``since`` is when its wait began and survives requeueing (transfer, missed offer)."""

    call_id: CallId
    queue: str
    since: datetime
    priority: int = 5
    """1 (last) … 9 (first)."""
    skills: dict[str, int] = field(default_factory=dict)
    target_agent: AgentId | None = None
    """Only this agent (a transfer to a person)."""
    preferred_agent: AgentId | None = None
    excluded_agents: frozenset[AgentId] = frozenset()
    """E.g. the one who has just transferred it."""
    language: str = ""
    vip: bool = False
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLeft:
    call_id: CallId
    cause: LeaveCause


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRinging:
    offer_id: OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAnswered:
    offer_id: OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFailed:
    """The offer is over; the call still waits (unless ``CallLeft`` came too) and is offered to the next."""

    offer_id: OfferId
    failure: OfferFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkChanged:
    """What the agent in conversation does: TALKING, HOLD or CONSULTING."""

    call_id: CallId
    agent_id: AgentId
    state: AgentState


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkEnded:
    """The agent's part in the call is over, whatever becomes of the rest of it: wrap-up begins."""

    call_id: CallId
    agent_id: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkRestored:
    """After a restart: the agent was found in conversation."""

    call_id: CallId
    agent_id: AgentId
    state: AgentState
    since: datetime
    queue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpDone:
    agent_id: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpExtended:
    agent_id: AgentId
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuesDefined:
    """New queue definitions (a reload); waiting calls keep their places."""

    queues: tuple[QueueSettings, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed:
    """Let due timers act (wrap-up over, ageing, skill relaxation)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    name: str
    title: str
    title_en: str = ""
    music: str = "default"
    ring_timeout_s: float = 20.0
    wrap_up_s: float = 30.0
    max_missed: int = 1
    """Missed offers in a row that make an agent NOT_RESPONDING."""
    strategy: str = "longest_idle"
    weight: int = 1
    service_level_s: float = 20.0
    announce_position_every_s: float = 30.0
    """0: never."""
    max_length: int = 90
    max_wait_s: float = 0.0
    """0: no limit; else the flow goes on at the queue step's overflow."""
    skills: dict[str, int] = field(default_factory=dict)
    relax_every_s: float = 0.0
    drill: bool = False


Command = (
    AgentLoggedIn
    | AgentLoggedOut
    | AgentReady
    | AgentBreak
    | AgentPresence
    | CallQueued
    | CallLeft
    | OfferRinging
    | OfferAnswered
    | OfferFailed
    | TalkChanged
    | TalkEnded
    | TalkRestored
    | WrapUpDone
    | WrapUpExtended
    | QueuesDefined
    | TimePassed
)


# --- actions: what the desk decides ----------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Why this agent got this call: kept with the offer, told in words to the supervisor."""

    candidates: tuple[str, ...]
    excluded: tuple[tuple[str, str], ...]
    """(agent id, reason code) pairs."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade:
    """The agent is reserved for the call: pop, then ring."""

    offer_id: OfferId
    call_id: CallId
    agent: AgentProfile
    queue: str
    ring_timeout_s: float
    waited_s: float
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWithdrawn:
    """The desk takes an offer back (the agent logged out, the page is gone): stop ringing."""

    offer_id: OfferId
    call_id: CallId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRefused:
    """The call cannot wait there (unknown or full queue): the flow goes on at its overflow."""

    call_id: CallId
    queue: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitExpired:
    """``max_wait_s`` is over; the call has left the queue."""

    call_id: CallId
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionChanged:
    call_id: CallId
    queue: str
    position: int
    """1 is next."""
    estimated_wait_s: float | None
    """None while too few hand-overs were seen to be trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSnapshot:
    """An agent as everybody sees them. Sent whenever anything of it changes; ``epoch`` only grows."""

    profile: AgentProfile
    state: AgentState
    since: datetime
    epoch: int
    cause: str
    reason: str = ""
    """The break's reason, or what made the agent NOT_RESPONDING."""
    call_id: CallId | None = None
    offer_id: OfferId | None = None
    until: datetime | None = None
    """When the wrap-up ends by itself."""
    pending: str = ""
    """Asked for during a call: ``break:meal``, ``offline`` or empty."""
    phone: bool = False
    page: bool = False
    ready_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRefused:
    """A person's command that does not fit; ``code`` is stable, ``message`` is for the log."""

    command: Command
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFound:
    """Something that should not be (a stuck agent freed, an offer never settled)."""

    kind: str
    text: str


Action = (
    OfferMade
    | OfferWithdrawn
    | QueueRefused
    | WaitExpired
    | PositionChanged
    | AgentSnapshot
    | CommandRefused
    | IncidentFound
)
