"""Who must be told when a case stands still. Pure.

For each kind of case there are levels: so long without an answer, or without an end, and these people are told. Each
level speaks once for each time that a case was opened. Who waits for the customer is not late with resolving.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from callcenter.cases.rules import UNDONE, Progress


class Trigger(StrEnum):
    REPLY = "reply"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    trigger: Trigger
    level: int
    """1 is told first."""
    after: timedelta
    """Since the case was opened or reopened, without what it waited for the customer."""


def due_at(case: Progress, level: Level) -> datetime | None:
    """When this level speaks, as things are now; None: it has nothing to say."""
    if case.state not in UNDONE:
        return None
    match level.trigger:
        case Trigger.REPLY:
            return case.since + level.after if case.replied_at is None else None
        case Trigger.RESOLVE:
            return case.since + case.waited + level.after if case.waiting_since is None else None


def speaks(
    case: Progress, levels: Sequence[Level], told: Collection[tuple[Trigger, int]], now: datetime
) -> list[Level]:
    """The levels whose time has come and who have not spoken yet, in the order in which they should have."""
    late = [(at, one) for one in levels if (at := due_at(case, one)) is not None and at <= now]
    new = [(at, one.level, one) for at, one in late if (one.trigger, one.level) not in told]
    return [one for _, _, one in sorted(new, key=lambda found: found[:2])]
