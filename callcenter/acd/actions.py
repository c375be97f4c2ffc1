"""Actions: what the desk decides. Frozen; times are aware UTC; seconds are float seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from callcenter.acd.commands import Command
from callcenter.acd.model import AgentProfile, AgentState
from callcenter.acd.places import CallQueued, WaitEvent
from callcenter.facts import Facts
from callcenter.ids import AgentId, CallId, OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Why this agent got this call: kept with the offer, told in words by :mod:`callcenter.acd.explain`."""

    candidates: tuple[str, ...]
    """Who could have taken it, best first; at most 10."""
    excluded: tuple[tuple[str, str], ...]
    """(agent id, reason code) pairs; at most 10. Codes: an agent state, ``phone_not_registered``,
    ``page_away``, ``excluded``, ``skill_missing``, ``drill_apart``."""
    reason: str
    """``asked_for``, ``came_back``, ``sticky``, ``leaving`` (about to go home, and nobody else could),
    ``joined_ring``, or the queue's strategy."""
    scores: tuple[float, ...] = ()
    """Of the candidates, in the strategy's measure: idle seconds, occupancy 0 … 1, number of the last offer,
    calls answered, or levels above what is asked for."""
    number: int = 0
    """Counts the desk's offers."""
    at: datetime | None = None
    offer_id: OfferId | None = None
    call_id: CallId | None = None
    agent_id: AgentId | None = None
    queue: str = ""
    since: datetime | None = None
    waited_s: float = 0.0
    points: float = 0.0
    """Priority with VIP bonus and ageing at that moment."""
    vip_points: float = 0.0
    aged_points: float = 0.0
    """What of them is the VIP bonus, and what has come by waiting."""
    passed: tuple[tuple[str, str], ...] = ()
    """(queue, why) of the agent's other queues in which somebody waited whom they could have taken: ``points``,
    ``kept`` (this call was kept for them), or the desk's order (``longest_wait`` …)."""
    standing: float = 0.0
    """Orders the calls of one queue whatever the moment: the larger is served first."""
    needs: dict[str, int] = field(default_factory=dict)
    """Skills asked for at that moment."""
    relaxed: bool = False
    """Less was asked for than in the beginning."""
    staff: dict[str, int] = field(default_factory=dict)
    """Agents of the queue by state, before the offer."""
    missed_before: int = 0
    """Agents who had let this call ring before."""
    consult_by: AgentId | None = None
    """No caller was given to the agent: this colleague asks them something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackPlace:
    """What an offer that is a call-back carries: whom to dial, and which attempt this is (from 1)."""

    number: str
    attempt: int
    attempts: int


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
    callback: CallbackPlace | None = None
    """Set: no caller waits on a line; the customer is to be dialled for the agent."""
    consult_by: AgentId | None = None
    """Set: this colleague asks, about a call that they are in."""
    together: bool = False
    """Others may ring for the same call; the first answer wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultRefused:
    """Nobody for the consultation. ``code``: ``consult_`` and the colleague's state, ``phone_not_registered``,
    ``page_away``, ``unknown_agent``, ``unknown_queue`` or ``nobody_free``."""

    call_id: CallId
    agent_id: AgentId
    code: str


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
    """``unknown_queue``, ``agent_left``, ``queue_full``, or the overflow's condition (``no_agent`` …)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitExpired:
    """The call has waited too long and has left the queue (``queue``: the one it first entered)."""

    call_id: CallId
    queue: str
    reason: str = "wait"
    """``wait`` or ``no_agent``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMoved:
    """Overflow: the call waits in another queue now, with its rank and wait. Offers name that queue."""

    call_id: CallId
    queue: str
    to: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackOver:
    """A call-back place has ended: ``reached``, ``gave_up`` (no attempt left), ``hours_over`` (no permitted
    hour left), ``agent_ended`` (given up by the agent before an answer, no attempt left), ``refused`` (queue
    unknown or full) or ``cancelled``."""

    call_id: CallId
    result: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackPaused:
    """An attempt failed; the place is kept and is offered again from ``until`` on."""

    call_id: CallId
    attempt: int
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionChanged:
    call_id: CallId
    queue: str
    position: int
    """1 is next."""
    estimated_wait_s: float | None
    """None unless the queue's measured hand-overs make it trustworthy."""


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
    pending_allowance_s: float | None = None
    """What is left of that break's allowance."""
    pending_by: str = ""
    """Which supervisor asked for it."""
    phone: bool = False
    page: bool = False
    ready_since: datetime | None = None
    allowance_until: datetime | None = None
    """When the break's allowance is used up."""
    overdue: bool = False
    """The break has outlasted its allowance."""
    by: str = ""
    """Which supervisor forced this state."""
    duty: str = ""
    """``on_shift``, ``off_shift``, ``draining``; empty: the roster says nothing."""
    queue: str = ""
    """Of the last call or offer: whose wrap-up time applies."""
    missed: int = 0
    """Offers missed in a row."""
    calls: int = 0
    """Answered since log-in."""
    busy_s: float = 0.0
    idle_s: float = 0.0
    """Seconds in calls and wrap-up, and ready, since log-in and up to ``since``."""


@dataclass(frozen=True, slots=True)
class WaitOver:
    """A wait has ended, however: what happened in it, in order."""

    request: CallQueued
    events: tuple[WaitEvent, ...]
    ended_at: datetime


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
    agent_id: AgentId | None = None
    call_id: CallId | None = None
    facts: Facts = field(default_factory=dict)


Action = (
    OfferMade
    | ConsultRefused
    | OfferWithdrawn
    | QueueRefused
    | WaitExpired
    | WaitOver
    | CallMoved
    | CallbackOver
    | CallbackPaused
    | PositionChanged
    | AgentSnapshot
    | CommandRefused
    | IncidentFound
)
