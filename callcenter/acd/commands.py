"""Commands: what the desk is told. Frozen; times are aware UTC; seconds are float seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from callcenter.acd.model import AgentProfile, AgentState, LeaveCause, OfferFailure, QueueOrder, QueueSettings
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
class CallQueued:
    """A call waits. ``since`` is when its wait began and survives requeueing (transfer, missed offer)."""

    call_id: CallId
    queue: str
    since: datetime
    priority: int = 5
    """1 (last) … 9 (first)."""
    skills: dict[str, int] = field(default_factory=dict)
    """Skill → least level, 0 … 10, on top of the queue's own."""
    target_agent: AgentId | None = None
    """This agent as long as they are on duty (a transfer to a person); then anyone of the queue."""
    only_target: bool = False
    """Nobody else: when they leave duty, the wait is over (``WaitExpired``)."""
    preferred_agent: AgentId | None = None
    """Who owns the customer's open case or spoke with them last; see ``QueueSettings.sticky_s``."""
    excluded_agents: frozenset[AgentId] = frozenset()
    """E.g. the one who has just transferred it."""
    language: str = ""
    vip: bool = False
    drill: bool = False
    max_wait_s: float | None = None
    """The flow's own limit instead of the queue's; 0: none."""
    max_length: int | None = None
    """The flow's own limit of calls waiting, if it is lower than the queue's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallKnown:
    """The caller of a call that waits already was recognised: it is ranked, and kept for somebody, as if that had
    been known from the beginning. An offer under way goes on."""

    call_id: CallId
    vip: bool = False
    preferred_agent: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLeft:
    """Also ends a call-back place (the customer called again, or somebody cancelled it)."""

    call_id: CallId
    cause: LeaveCause


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackTerms:
    """Whom to call back, when it is permitted, and how often it is tried."""

    number: str
    permitted: tuple[tuple[datetime, datetime], ...]
    """Aware UTC; the end is no longer permitted. When none is left the place is given up."""
    attempts: int = 3
    pause_s: float = 300.0
    """Between attempts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackKept:
    """A place in line goes on without a channel: the caller hangs up and is called when the turn comes.

    ``place.call_id`` is the waiting call, which keeps rank and wait, or an id that waits nowhere (a call-back
    from the database after a restart, a task), which then waits from ``place.since`` on. A place once
    reached, given up or cancelled is never taken up again under the same id.
    """

    place: CallQueued
    terms: CallbackTerms
    attempt: int = 0
    """Attempts that have failed before (a place from the database)."""
    not_before: datetime | None = None
    """The end of the pause after the last of them."""
    again: bool = False
    """For an open place too: it takes this priority and its pause is over (somebody wants it called now)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackReached:
    """The customer answered: the place is used up, whatever becomes of the conversation."""

    offer_id: OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackFailed:
    """The customer was not reached (``busy``, ``no_answer`` …): the agent is free again without wrap-up or
    blame, and the place waits for its next attempt."""

    offer_id: OfferId
    reason: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredAgent:
    """One agent as they were."""

    profile: AgentProfile
    state: AgentState
    since: datetime
    epoch: int = 0
    cause: str = "restored"
    reason: str = ""
    call_id: CallId | None = None
    offer_id: OfferId | None = None
    queue: str = ""
    until: datetime | None = None
    """When the wrap-up ends; one that ended meanwhile is over."""
    allowance_until: datetime | None = None
    overdue: bool = False
    pending: str = ""
    phone: bool = False
    page: bool = False
    awaited: bool = False
    """Their page was there before a restart and is expected back: on duty meanwhile, but offered nothing."""
    ready_since: datetime | None = None
    missed: int = 0
    calls: int = 0
    busy_s: float = 0.0
    idle_s: float = 0.0
    last_offers: dict[str, int] = field(default_factory=dict)
    duty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredCall:
    """One waiting call or call-back place as it was. ``request.queue`` is the queue it first entered."""

    request: CallQueued
    number: int = 0
    """Order of arrival; 0: as listed."""
    queue: str = ""
    """Where it waits now, if overflow moved it."""
    entered_at: datetime | None = None
    visited: tuple[str, ...] = ()
    missed_by: tuple[AgentId, ...] = ()
    released: bool = False
    held_for: AgentId | None = None
    """None and not released: found out anew."""
    announce_at: datetime | None = None
    offer_id: OfferId | None = None
    waited_for_offer: bool = True
    terms: CallbackTerms | None = None
    attempt: int = 0
    asleep_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredRate:
    """What was measured of a queue's hand-overs."""

    queue: str
    samples: int
    mean_s: float
    variance: float
    mark: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The whole desk after a restart of the service: exact order, wait times and timers running on.

    Told after ``QueuesDefined`` and before anything else. List an agent as reserved or ringing (with call and
    offer) only when their leg still is; a call's ``offer_id`` counts only when an agent is listed with it.
    """

    agents: tuple[RestoredAgent, ...] = ()
    waiting: tuple[RestoredCall, ...] = ()
    rates: tuple[RestoredRate, ...] = ()
    offer_count: int = 0
    """Above every number an offer id has ended with, so that none comes twice."""
    arrivals: int = 0
    done_callbacks: tuple[CallId, ...] = ()
    """Call-back places that have ended and must not be taken up again."""


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
