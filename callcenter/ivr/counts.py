"""Where callers are, how many passed each step, and where they give up: from the live calls and the contacts' traces.

A step is *passed* when the caller entered it and went on, to another step or into a conversation; the caller
*hung up there* when it was the last step entered, the caller ended the call, and no agent had answered since.
Calls of the fire drill are seen while they live and stay out of the figures.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import text

from callcenter.calls.messages import Phase
from callcenter.calls.state import Call
from callcenter.clock import Clock
from callcenter.db.engine import Database
from callcenter.ivr.run import Phase as RunPhase

FRESH_S: Final = 1.0
"""How old the day's figures may be."""
LOAD_SHARE: Final = 20
"""The database is busy with them at most one part in so many of the time."""
_IN_CONVERSATION: Final = (
    Phase.TALKING,
    Phase.HELD,
    Phase.CONSULTING,
    Phase.CONFERENCE,
    Phase.PARKED,
    Phase.LEAVING,
    Phase.ENDED,
)

Place = tuple[str, str, str]
"""Version, flow, step."""

_ENTERED: Final = """
WITH entered AS (
    SELECT c.flow_version, c.ended_at, c.ended_by, c.answered_at,
           e.value->>'flow' AS flow, e.value->>'step' AS step, (e.value->>'at')::timestamptz AS at,
           lead(e.ordinality) OVER (PARTITION BY c.id ORDER BY e.ordinality) IS NULL AS last
    FROM contacts c CROSS JOIN LATERAL jsonb_array_elements(c.menu_trace) WITH ORDINALITY AS e
    WHERE NOT c.drill AND c.ended_at IS NOT NULL AND c.started_at >= :from AND c.started_at < :until
      AND e.value->>'event' = 'entered'
), judged AS (
    SELECT *, last AND ended_by = 'caller' AND (answered_at IS NULL OR answered_at < at) AS gave_up
    FROM entered WHERE at >= :since
)
"""
_TODAY: Final = text(
    _ENTERED
    + """
SELECT flow_version, flow, step, count(*) FILTER (WHERE NOT gave_up), count(*) FILTER (WHERE gave_up)
FROM judged GROUP BY 1, 2, 3
"""
)
_GIVEN_UP: Final = text(
    _ENTERED
    + """
SELECT flow, step, count(*), count(*) FILTER (WHERE gave_up),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - at)) FILTER (WHERE gave_up)
FROM judged GROUP BY 1, 2 ORDER BY 4 DESC, 3 DESC, 1, 2
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCount:
    """Callers at a step of one version: there now, passed today, hung up there today (the site's day)."""

    version: str
    flow: str
    step: str
    now: int = 0
    passed: int = 0
    hung_up: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Of those who entered a step, how many hung up in it, and after how many seconds (the median)."""

    flow: str
    step: str
    entered: int
    hung_up: int
    median_s: float | None

    @property
    def share(self) -> float:
        return self.hung_up / self.entered if self.entered else 0.0


class DayCounts:
    """Counts for the operations page. Many pages looking cost as much as one."""

    def __init__(self, database: Database, clock: Clock, zone: ZoneInfo, live: Callable[[], Iterable[Call]]) -> None:
        self._database, self._clock, self._zone, self._live = database, clock, zone, live
        self._day: tuple[Counter[Place], Counter[Place]] = (Counter(), Counter())
        self._good_until = 0.0
        self._one_at_a_time = asyncio.Lock()

    async def step_counts(self) -> tuple[StepCount, ...]:
        """Every step that anybody is at or was at today. Raises Unavailable without the database."""
        passed, hung_up = await self._today()
        now: Counter[Place] = Counter(place for call in self._live() for place in places(call))
        return tuple(
            StepCount(version=v, flow=f, step=s, now=now[v, f, s], passed=passed[v, f, s], hung_up=hung_up[v, f, s])
            for v, f, s in sorted(now.keys() | passed.keys() | hung_up.keys())
        )

    async def give_ups(self, since: datetime, until: datetime) -> tuple[GiveUp, ...]:
        """Where callers who began in that time gave up; most first."""
        async with self._database.read() as session:
            rows = await session.execute(_GIVEN_UP, {"from": since, "since": since, "until": until})
            return tuple(
                GiveUp(flow=flow, step=step, entered=n, hung_up=h, median_s=None if m is None else round(float(m), 1))
                for flow, step, n, h, m in rows
            )

    def midnight(self) -> datetime:
        """When the site's day began."""
        return self._clock.now().astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)

    async def _today(self) -> tuple[Counter[Place], Counter[Place]]:
        async with self._one_at_a_time:
            began = time.monotonic()
            if began >= self._good_until:
                self._day = await self._read()
                took = time.monotonic() - began
                self._good_until = began + max(FRESH_S, LOAD_SHARE * took)
        return self._day

    async def _read(self) -> tuple[Counter[Place], Counter[Place]]:
        midnight = self.midnight()
        passed: Counter[Place] = Counter()
        hung_up: Counter[Place] = Counter()
        # A call that began yesterday may have come to a step today; none lasts longer than a day.
        times = {"from": midnight - timedelta(days=1), "since": midnight, "until": midnight + timedelta(days=2)}
        async with self._database.read() as session:
            for version, flow, step, went_on, gave_up in await session.execute(_TODAY, times):
                passed[version, flow, step] = went_on
                hung_up[version, flow, step] = gave_up
        for call in self._live():
            if not call.drill:
                passed.update(_passed(call, midnight))
        return +passed, +hung_up


def places(call: Call) -> Iterator[Place]:
    """Where a live caller is: the step, and the steps of the flows that called this one."""
    run = call.run
    if run is None or run.phase is RunPhase.ENDED or call.phase in _IN_CONVERSATION:
        return
    yield call.flow_version, run.flow, run.step
    for frame in run.stack:
        step = next((e.step for e in reversed(call.trace) if e.flow == frame.flow and e.event == "entered"), None)
        if step is not None:
            yield call.flow_version, frame.flow, step


def _passed(call: Call, since: datetime) -> Iterator[Place]:
    entered = [entry for entry in call.trace if entry.event == "entered"]
    there = set(places(call))
    for entry in entered:
        place = (call.flow_version, entry.flow, entry.step)
        still = place in there and entry is next(e for e in reversed(entered) if (e.flow, e.step) == place[1:])
        if entry.at >= since and not still:
            yield place
