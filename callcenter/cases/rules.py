"""How a case goes on. Pure: what is not in the table is refused, and time is an argument.

A case waits for the customer without using up its time: what it waited is added to when it is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class State(StrEnum):
    OPEN = "open"
    WORKING = "working"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_DEPARTMENT = "waiting_department"
    RESOLVED = "resolved"
    CLOSED = "closed"


UNDONE: Final = frozenset({State.OPEN, State.WORKING, State.WAITING_CUSTOMER, State.WAITING_DEPARTMENT})
"""Somebody has still to do something."""

MOVES: Final[Mapping[State, frozenset[State]]] = {
    State.OPEN: frozenset({State.WORKING, State.WAITING_CUSTOMER, State.WAITING_DEPARTMENT, State.RESOLVED}),
    State.WORKING: frozenset({State.WAITING_CUSTOMER, State.WAITING_DEPARTMENT, State.RESOLVED}),
    State.WAITING_CUSTOMER: frozenset({State.WORKING, State.WAITING_DEPARTMENT, State.RESOLVED}),
    State.WAITING_DEPARTMENT: frozenset({State.WORKING, State.WAITING_CUSTOMER, State.RESOLVED}),
    State.RESOLVED: frozenset({State.OPEN, State.CLOSED}),
    State.CLOSED: frozenset({State.OPEN}),
}
"""Where a case may go from each state. Back to ``open`` is what reopens it."""


class WrongMove(ValueError):
    """There is no such way from this state."""

    def __init__(self, state: State, wanted: State) -> None:
        super().__init__(f"a case that is {state} cannot become {wanted}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How soon somebody must have answered, and how soon it must be resolved."""

    reply: timedelta
    resolve: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What of a case changes with time."""

    state: State
    since: datetime
    """When its clock began: when it was opened, or reopened last."""
    reply_due_at: datetime
    due_at: datetime
    replied_at: datetime | None = None
    waiting_since: datetime | None = None
    """Since when it waits for the customer."""
    waited: timedelta = timedelta()
    """For the customer, before that."""
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    reopened: int = 0


def begin(now: datetime, times: Times) -> Progress:
    return Progress(state=State.OPEN, since=now, reply_due_at=now + times.reply, due_at=now + times.resolve)


def move(case: Progress, wanted: State, now: datetime, times: Times) -> Progress:
    """The case in another state. Raises WrongMove; to the state it is in already nothing changes."""
    if wanted is case.state:
        return case
    if wanted not in MOVES[case.state]:
        raise WrongMove(case.state, wanted)
    if wanted is State.OPEN:
        return replace(begin(now, times), reopened=case.reopened + 1)
    case = replied(case, now)
    if case.waiting_since is not None:
        waited = now - case.waiting_since
        case = replace(case, due_at=case.due_at + waited, waited=case.waited + waited, waiting_since=None)
    case = replace(case, state=wanted)
    if wanted is State.WAITING_CUSTOMER:
        return replace(case, waiting_since=now)
    if wanted is State.RESOLVED:
        return replace(case, resolved_at=now)
    if wanted is State.CLOSED:
        return replace(case, closed_at=now)
    return case


def replied(case: Progress, now: datetime) -> Progress:
    """Somebody has seen to it; the first time counts."""
    return case if case.replied_at is not None else replace(case, replied_at=now)


def judged_anew(case: Progress, times: Times) -> Progress:
    """The case is of another kind: it is due as if it had been from the beginning."""
    return replace(case, reply_due_at=case.since + times.reply, due_at=case.since + times.resolve + case.waited)


def overdue(case: Progress, now: datetime) -> bool:
    """Nobody has answered, or resolved it, in time. Who waits for the customer is not late with resolving."""
    if case.state not in UNDONE:
        return False
    unanswered = case.replied_at is None and now >= case.reply_due_at
    return unanswered or (case.waiting_since is None and now >= case.due_at)


def may_assign(*, leads: bool, me: str, owner: str | None, wanted: str | None) -> bool:
    """Whoever takes a question first owns it until it is resolved: others may take what nobody has, and only who
    answers for other people's work gives a case to somebody else."""
    return leads or (owner is None and wanted == me)
