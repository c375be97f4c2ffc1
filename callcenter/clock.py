"""Time at the edge of the pure rules: aware UTC, behind a Protocol so that tests can move it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol

SLEW_S: Final = 1.0
"""A clock that is behind by less is followed: the shown time stands still until it has caught up."""


class Clock(Protocol):
    """Tells the time. Pure rules never hold one: they are given ``now``."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SteadyClock:
    """The machine's clock, except that it never goes back.

    Who began to wait before the clock was set back an hour must not fall behind who comes after it, and nothing may
    last less than no time. So a clock that is set back is not followed: time goes on as the monotonic clock says, until
    the machine's has caught up or this process ends. One that is set forward is followed at once.

    ``wall``: seconds since 1970; ``steady``: seconds that never go back.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._shown, self._at = wall(), steady()

    def now(self) -> datetime:
        wall, steady = self._wall(), self._steady()
        due = self._shown + (steady - self._at)
        self._shown = max(self._shown, wall if wall > due - SLEW_S else due)
        self._at = steady
        return datetime.fromtimestamp(self._shown, UTC)
