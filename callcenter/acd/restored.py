"""The desk as it was before a restart of the service: what it is told then. See :mod:`callcenter.acd.commands`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from callcenter.acd.model import AgentProfile, AgentState
from callcenter.acd.places import CallbackTerms, CallQueued, WaitEvent
from callcenter.ids import AgentId, CallId, OfferId


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
    pending_allowance_s: float | None = None
    pending_by: str = ""
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
    first_at: datetime | None = None
    """When it entered the first, then."""
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
    events: tuple[WaitEvent, ...] = ()
    """What happened to it so far."""


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
