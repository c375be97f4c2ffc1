"""Commands: what the desk is told. Frozen; times are aware UTC; seconds are float seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from callcenter.acd.model import AgentProfile, AgentState, OfferFailure, QueueOrder, QueueSettings
from callcenter.acd.places import (
    CallbackFailed,
    CallbackKept,
    CallbackReached,
    CallDirected,
    CallKnown,
    CallLeft,
    CallQueued,
)
from callcenter.acd.restored import Restored
from callcenter.ids import AgentId, CallId, OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLoggedIn:
    profile: AgentProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanged:
    """Somebody changed what a logged-in agent serves or can do: it counts from the next decision on."""

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
    allowance_s: float | None = None
    """What is left of this reason's allowance for the shift; when it is over the snapshot says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPresence:
    """Whether the agent's telephone is registered and page connected; None leaves that one as it was."""

    agent_id: AgentId
    phone: bool | None = None
    page: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyMarked:
    """How the roster has the agent: ``on_shift``, ``off_shift`` (at work without a shift), ``draining`` (about to
    leave: offered only calls that nobody else has taken within the queue's service level), empty: not said.

    Forgotten when the agent logs out.
    """

    agent_id: AgentId
    duty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForceState:
    """A supervisor sets an agent READY, BREAK or OFFLINE.

    An offer under way is taken back; a conversation is not cut: the state comes after it. ``epoch`` is that of
    the snapshot the supervisor saw: if the agent has changed since (another supervisor was first), the command
    is refused as ``state_changed``. None: whatever it is now.
    """

    agent_id: AgentId
    state: AgentState
    by: str
    reason: str = ""
    epoch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRinging:
    offer_id: OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAnswered:
    offer_id: OfferId
    call_id: CallId | None = None
    """The call the agent is in now, when that is not the offer's: each call-back attempt is a call of its own."""


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
    met_caller: bool = True
    """False: a colleague who was only asked; there is nothing to write up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultAsked:
    """An agent in a call asks for a colleague: that one, or the best free one of a queue.

    Answered by an ``OfferMade`` with ``consult_by``, or ``ConsultRefused``: nobody is asked who is not ready.
    """

    call_id: CallId
    agent_id: AgentId
    queue: str
    """Of the colleague, or (``to_agent`` set) whose ring and wrap-up times apply."""
    to_agent: AgentId | None = None
    language: str = ""
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkStarted:
    """The agent is in a call that the desk did not offer: dialled out, or asked in by a colleague.

    Refused (``busy``, ``not_logged_in``) when another call or offer holds the agent.
    """

    call_id: CallId
    agent_id: AgentId
    queue: str = ""
    """Whose wrap-up time applies."""


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
    order: str = QueueOrder.LONGEST_WAIT


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed:
    """Let due timers act (wrap-up over, ageing, skill relaxation)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthSeen:
    """Which agents the calls hold, looked at together: what the desk has and the calls have not is freed.

    Only states older than ``grace_s`` are judged: a message may be on its way. Each correction is told as
    ``IncidentFound``.
    """

    talking: dict[AgentId, CallId]
    offered: dict[AgentId, OfferId] = field(default_factory=dict)
    waiting: frozenset[CallId] | None = None
    """Calls that wait, offered ones included; call-back places need not be among them. None: not looked at."""
    in_motion: frozenset[CallId] = frozenset()
    """Calls that are at something: what they are about to tell the desk is not told yet, so they are not judged."""
    grace_s: float = 3.0


Command = (
    AgentLoggedIn
    | ProfileChanged
    | AgentLoggedOut
    | AgentReady
    | AgentBreak
    | AgentPresence
    | DutyMarked
    | ForceState
    | CallQueued
    | CallKnown
    | CallDirected
    | CallLeft
    | CallbackKept
    | CallbackReached
    | CallbackFailed
    | OfferRinging
    | OfferAnswered
    | OfferFailed
    | TalkChanged
    | TalkEnded
    | ConsultAsked
    | TalkStarted
    | TalkRestored
    | WrapUpDone
    | WrapUpExtended
    | QueuesDefined
    | TimePassed
    | TruthSeen
    | Restored
)
