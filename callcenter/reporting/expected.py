"""What the weeks to come are expected to bring, of all callers and of each queue: worked out once for all who ask.

The report's page and the roster show it, and the planner may follow it. It is made of whole days that are over, so that
it is the same all day.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from functools import cache, partial
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from callcenter.clock import Clock
from callcenter.db.engine import Database
from callcenter.errors import BadRequest, Unavailable
from callcenter.reporting import attendance, history
from callcenter.reporting.erlang import required
from callcenter.reporting.figures import SERVICE_LEVEL_S, SERVICE_TARGET
from callcenter.reporting.forecast import HALF_HOURS, WEEKS, Forecast, forecast
from callcenter.reporting.history import Load, Selection
from callcenter.reporting.shrinkage import Shrinkage, scheduled, shrinkage
from callcenter.roster.coverage import quarters
from callcenter.roster.demand import Demand, half_hour
from callcenter.roster.shifts import DAY, day_span

_log = structlog.get_logger()
AHEAD: Final = 63
"""Days: as far as the roster is planned. A week is like the next to a forecast."""
EVERY_S: Final = 3600.0
"""It is made anew so often, for what the spool may have brought late …"""
KEPT_S: Final = 2 * EVERY_S
"""… and told for so long when that fails."""
_AFTER_START_S: Final = 180.0
"""Calls come first."""
_HALF_HOUR_S: Final = 1800.0
_AHT_WEEKS: Final = 4


_Asked = tuple[date, Mapping[str, float], int]
"""What it depends on beside the calls: the day, each queue's seconds, and how often the house changed its shrinkage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Of one queue, or of all callers."""

    forecast: Forecast
    aht_s: float
    """Mean seconds of talk, hold and wrap-up of the last four weeks."""
    within_s: float
    """The service level's seconds: so many callers as the target says are to be answered within them."""
    agents: Mapping[date, tuple[int, ...]]
    """Erlang C's for each half hour that is forecast: those at their desks."""
    scheduled: Mapping[date, tuple[int, ...]]
    """To have on the roster, so that so many are at their desks."""
    shrinkage: Shrinkage
    """The house's."""


class Expectations:
    """``levels``: queue → its service level's seconds, as they are now."""

    def __init__(
        self, database: Database, clock: Clock, zone: ZoneInfo, levels: Callable[[], Mapping[str, float]]
    ) -> None:
        self._database, self._clock, self._zone, self._levels = database, clock, zone, levels
        self.one_at_a_time = asyncio.Lock()
        """Held while the database is asked; reports hold it too."""
        self._made: Mapping[str, Expected] = {}
        self._made_of: _Asked | None = None
        self._shrinkages = 0
        """How often the house entered another one."""
        self._good_until = 0.0

    async def read(self) -> Mapping[str, Expected]:
        """By queue, and under the empty name of all callers; without those of whom less than a whole week of calls is
        known. Raises BadRequest, Unavailable."""
        asked = self._asked()
        if not self._still_good(asked):
            async with self.one_at_a_time:
                if not self._still_good(asked):  # somebody else may have waited for the same
                    await self._make(asked)
        return self._made

    async def run(self) -> None:
        """Keep it made, so that no page waits for it: each hour, and when the site's day begins; until cancelled."""
        pause = _AFTER_START_S
        while True:
            await asyncio.sleep(pause)
            pause = await self.renew()

    async def renew(self) -> float:
        """Make it anew; in how many seconds the next time."""
        try:
            async with self.one_at_a_time:
                await self._make(self._asked())
        except (BadRequest, Unavailable) as error:
            _log.warning("forecast_not_made", reason=error.message)
        now = self._clock.now()
        midnight = day_span(now.astimezone(self._zone).date(), self._zone).ends
        return min(EVERY_S, (midnight - now).total_seconds() + 1)

    def _asked(self) -> _Asked:
        return self._clock.now().astimezone(self._zone).date(), dict(self._levels()), self._shrinkages

    async def _make(self, asked: _Asked) -> None:
        loads, lost = await self._ask(asked[0])
        self._made = await asyncio.to_thread(_expected, loads, lost, *asked[:2], self._zone)
        self._made_of, self._good_until = asked, time.monotonic() + KEPT_S

    def shrinkage_changed(self) -> None:
        """The house entered another one: whoever asks next reads it."""
        self._shrinkages += 1

    def _still_good(self, asked: _Asked) -> bool:
        """While there is nothing to forecast from, every question is a new one."""
        return bool(self._made) and self._made_of == asked and time.monotonic() < self._good_until

    async def demand(self) -> list[Demand]:
        """What it asks of the roster: all callers', then each queue's. Raises BadRequest, Unavailable."""
        return [
            Demand(queue=queue, days=one.scheduled, on_calls=one.agents)
            for queue, one in sorted((await self.read()).items())
        ]

    async def _ask(self, today: date) -> tuple[list[Load], Shrinkage]:
        """What came in the weeks before, and how much of their time agents cannot take calls."""
        now, zone = self._clock.now(), self._zone
        since, until = (day_span(day, zone).begins for day in (today - (WEEKS + 1) * 7 * DAY, today))
        async with self._database.read() as session:
            lost = shrinkage(await attendance.recorded(session, today, zone), await attendance.given(session))
            return await history.loads(session, Selection(since=since, until=until), now, zone), lost


@dataclass(slots=True, kw_only=True)
class _Known:
    days: dict[date, list[float]] = field(default_factory=dict)
    """Callers offered in each half hour; without the days on which nobody came."""
    handled: int = 0
    """In the last weeks."""
    handle_s: float = 0.0

    def add(self, wall: datetime, came: int) -> None:
        self.days.setdefault(wall.date(), [0.0] * HALF_HOURS)[half_hour(wall)] += came


def _known(loads: Iterable[Load], lately: datetime, zone: tzinfo) -> dict[str, _Known]:
    """Everybody's past, under the empty name, and each queue's. All callers are counted where they came first; who was
    handed on was handled twice."""
    found: dict[str, _Known] = {}
    for load in loads:
        wall = load.at.astimezone(zone)
        for queue, came in ({load.queue: load.stays} | {"": load.callers}).items():
            known = found.setdefault(queue, _Known())
            if came:
                known.add(wall, came)
            if load.at >= lately:
                known.handled += load.handled
                known.handle_s += load.handle_s
    return {queue: known for queue, known in found.items() if known.days}


def of_24_hours(day: date, came: Sequence[float], zone: tzinfo) -> Sequence[float]:
    """A day's 48 half hours as if no clock had been changed on it: an hour that came twice counts by half, and one that
    was left out is like the half hours before and after it. Other weeks are told from these."""
    whole = day_span(day, zone)
    if whole.seconds == DAY.total_seconds():
        return came
    lasted = Counter(half_hour(at.astimezone(zone)) for at in quarters(whole))  # in quarters of an hour
    usual = {number: came[number] * 2 / lasted[number] for number in range(HALF_HOURS) if lasted[number]}
    nearest = [min(usual, key=partial(_apart, number)) for number in range(HALF_HOURS)]
    return [usual[number] for number in nearest]


def _apart(a: int, b: int) -> int:
    return abs(a - b)


def _expected(
    loads: Iterable[Load], lost: Shrinkage, today: date, levels: Mapping[str, float], zone: tzinfo
) -> dict[str, Expected]:
    made = {}
    lately = day_span(today - _AHT_WEEKS * 7 * DAY, zone).begins
    for queue, one in _known(loads, lately, zone).items():
        first, quiet = min(one.days), [0.0] * HALF_HOURS
        # A day on which nobody came is a day as well.
        every = [first + n * DAY for n in range((today - first).days)]
        past = {day: of_24_hours(day, one.days.get(day, quiet), zone) for day in every}
        found = forecast(past, today, AHEAD)
        if found is None or not one.handled:
            continue
        aht_s, within_s = one.handle_s / one.handled, levels.get(queue, SERVICE_LEVEL_S)

        @cache
        def agents(calls: float, aht_s: float = aht_s, within_s: float = within_s) -> int:
            return required(calls, _HALF_HOUR_S, aht_s, share=SERVICE_TARGET, within_s=within_s).agents

        asked = {day: tuple(agents(calls) for calls in slots) for day, slots in found.days.items()}
        made[queue] = Expected(
            forecast=found,
            aht_s=aht_s,
            within_s=within_s,
            agents=asked,
            scheduled={
                day: tuple(scheduled(at_desks, lost.of(number)) for number, at_desks in enumerate(slots))
                for day, slots in asked.items()
            },
            shrinkage=lost,
        )
    return made
