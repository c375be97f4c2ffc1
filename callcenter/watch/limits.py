"""When a measured value becomes an incident, and when it is over again: two lines, so that nothing flickers. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """``wrong`` opens the incident, ``well`` must hold for ``calm_s`` before it is closed; between the two nothing
    changes. ``text`` says the value."""

    kind: str
    wrong: Callable[[float], bool]
    well: Callable[[float], bool]
    calm_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Judged:
    """``open`` None: not known yet (nothing was measured since the start)."""

    open: bool | None = None
    well_since: float | None = None


def judge(limit: Limit, before: Judged, value: float, now_s: float) -> Judged:
    """``now_s`` is a monotonic time in seconds."""
    if limit.wrong(value):
        return Judged(open=True)
    if not before.open:
        return Judged(open=False)
    if not limit.well(value):
        return Judged(open=True)
    since = now_s if before.well_since is None else before.well_since
    return Judged(open=now_s - since < limit.calm_s, well_since=since)


LIMITS: Final = {
    "loop_lag_s": Limit(
        kind="loop_lag", wrong=lambda v: v > 0.5, well=lambda v: v < 0.1, calm_s=10,
        text="the service was held up for {:.1f} s: events and pages came that late",
    ),
    "clock_jump_s": Limit(
        kind="clock_jump", wrong=lambda v: abs(v) > 2, well=lambda v: abs(v) < 0.5, calm_s=60,
        text="the machine's clock jumped by {:+.1f} s: back, it is not followed until it has caught up; forward, "
        "waiting times around it are too long by as much",
    ),
    "journal_lag_s": Limit(
        kind="journal_lag", wrong=lambda v: v > 10, well=lambda v: v < 2, calm_s=5,
        text="events wait {:.0f} s for the database: calls go on, records come later",
    ),
    "disk_free_share": Limit(
        kind="disk_low", wrong=lambda v: v < 0.05, well=lambda v: v > 0.07, calm_s=0,
        text="{:.1%} of the disk is free: recordings and the database will fail when it is full",
    ),
    "switch_away_s": Limit(
        kind="switch_away", wrong=lambda v: v > 5, well=lambda v: v == 0, calm_s=0,
        text="Asterisk has not been reached for {:.0f} s: calls cannot be handled",
    ),
}  # fmt: skip
"""By the name of the measured value."""
