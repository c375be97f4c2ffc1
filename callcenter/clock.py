"""Time at the edge of the pure rules: aware UTC, behind a Protocol so that tests can move it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol

SLEW_S: Final = 1.0
"""A clock that is behind by less is followed: the shown time stands still until it has caught up."""

HELD_S: Final = 7200.0
"""A time that lies further in the future was a clock gone wrong, which a restart puts right."""


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
    the machine's has caught up; :meth:`hold` has the next process go on so. One set forward is followed at once.

    ``wall``: seconds since 1970; ``steady``: seconds that never go back.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._shown, self._at = wall(), steady()

    def hold(self, last: datetime) -> None:
        """Go on from the last instant that the process before this one knew: a restart is no reason to follow a clock
        that was set back, with every wait, ring and wrap-up that goes on. One that was far ahead is left."""
        self.now()  # this process may have stood by for hours since its clock was read last
        if last.timestamp() - self._wall() <= HELD_S:
            self._shown = max(self._shown, last.timestamp())

    def now(self) -> datetime:
        wall, steady = self._wall(), self._steady()
        due = self._shown + (steady - self._at)
        self._shown = max(self._shown, wall if wall > due - SLEW_S else due)
        self._at = steady
        return datetime.fromtimestamp(self._shown, UTC)
