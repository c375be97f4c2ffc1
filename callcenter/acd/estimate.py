"""How long the next caller will wait, from measured hand-overs, and whether that may be said. Pure.

Measured is the time between two hand-overs to agents while somebody waited. Its mean m and variance are kept as
exponentially weighted moving averages (T. Finch, "Incremental calculation of weighted mean and variance",
2009). Who stands at place n waits for n hand-overs: n x m (Little's law with a measured rate).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

WEIGHT: Final = 0.1
"""Of the newest interval: about the last twenty count."""
MIN_SAMPLES: Final = 5
MAX_SPREAD: Final = 0.75
"""Largest relative standard deviation of the estimate that is still said."""
STALE_AFTER: Final = 4.0
"""Mean intervals without a hand-over after which the rate is no longer believed."""


@dataclass(slots=True)
class HandoverRate:
    """One queue's hand-overs."""

    samples: int = 0
    mean_s: float = 0.0
    variance: float = 0.0
    mark: datetime | None = None
    """The last hand-over."""

    def handed_over(self, entered_at: datetime, now: datetime) -> None:
        """A call that had to wait was answered. ``entered_at``: since when it waited in this queue."""
        begin = entered_at if self.mark is None else max(self.mark, entered_at)
        self.mark = now
        interval = max(0.0, (now - begin).total_seconds())  # a clock may be set back
        self.samples += 1
        if self.samples == 1:
            self.mean_s = interval
            return
        # Until the weights have settled each of the first intervals counts alike.
        weight = max(WEIGHT, 1.0 / self.samples)
        off = interval - self.mean_s
        self.mean_s += weight * off
        self.variance = (1.0 - weight) * (self.variance + weight * off * off)

    def estimate(self, place: int, now: datetime) -> float | None:
        """Seconds that the caller at ``place`` (1 is next) will still wait; None: not to be trusted.

        The spread is that of a sum of ``place`` intervals together with the mean's own uncertainty.
        """
        if self.samples < MIN_SAMPLES or self.mark is None or self.mean_s <= 0:
            return None
        if (now - self.mark).total_seconds() > STALE_AFTER * self.mean_s:
            return None
        relative = self.variance / (self.mean_s * self.mean_s)
        settled = max(WEIGHT / (2.0 - WEIGHT), 1.0 / self.samples)
        if (relative * (1.0 / place + settled)) ** 0.5 > MAX_SPREAD:
            return None
        return place * self.mean_s
