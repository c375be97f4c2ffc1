"""Commands about who waits: callers, and places in line that go on without a channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from callcenter.acd.model import LeaveCause
from callcenter.ids import AgentId, CallId, OfferId


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
    back_to: AgentId | None = None
    """Who gets it when the target is not on duty or misses it, as long as they are on duty themselves: who had called
    this customer and put them through. Their wrap-up of this very call ends with it."""
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


Detail = str | int | float


@dataclass(frozen=True, slots=True)
class WaitEvent:
    """Something that happened to a waiting call. Codes are those of :mod:`callcenter.acd.explain`."""

    at: datetime
    code: str
    details: Mapping[str, Detail]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallKnown:
    """The caller of a call that waits already was recognised: it is ranked, and kept for somebody, as if that had
    been known from the beginning. An offer under way goes on."""

    call_id: CallId
    vip: bool = False
    preferred_agent: AgentId | None = None


def as_known(request: CallQueued, command: CallKnown) -> CallQueued:
    """What the call asks for from then on."""
    return replace(request, vip=command.vip, preferred_agent=command.preferred_agent)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDirected:
    """A supervisor decides how a call waits on; what is None stays as it is. Its wait is not begun anew."""

    call_id: CallId
    by: str
    """Their name."""
    queue: str | None = None
    """It waits in this queue from now on, for anyone of it."""
    priority: int | None = None
    """1 (last) … 9 (first)."""
    agent_id: AgentId | None = None
    """It waits for this agent as long as they are on duty, then for anyone of its queue."""


def as_directed(request: CallQueued, command: CallDirected) -> CallQueued:
    """What the call asks for from then on."""
    if command.queue is not None:
        request = replace(request, queue=command.queue, target_agent=None, only_target=False, preferred_agent=None)
    if command.priority is not None:
        request = replace(request, priority=command.priority)
    if command.agent_id is not None:
        request = replace(request, target_agent=command.agent_id, only_target=False)
    return request


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
    """For an open place too: it takes this priority, these terms and this pause (somebody wants it called now, or the
    permitted hours are others)."""


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
