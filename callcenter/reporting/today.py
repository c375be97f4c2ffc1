"""Today's service figures, from contacts and segments. ``docs/figures.md`` defines every one of them.

The *day* is the site's: a visit, and a caller, belong to the day on which they came to a queue first.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import text

from callcenter.calls.state import Call
from callcenter.clock import Clock
from callcenter.db.engine import Database, ReadSession
from callcenter.ids import AgentId
from callcenter.reporting.agents import SLOTS
from callcenter.reporting.figures import SERVICE_LEVEL_S, ServiceFigures
from callcenter.reporting.visits import (
    COUNTS,
    ITS_SECONDS,
    ITS_TARGET,
    LONGEST_CALL,
    REFUSED,
    SHORT_ABANDON_S,
    STAYS,
    TARGETS,
    tune,
)
from callcenter.roster.shifts import day_span

FRESH_S: Final = 2.0
LOAD_SHARE: Final = 20
"""The database is busy with the figures at most one part in so many of the time."""

_BY_QUEUE: Final = text(
    STAYS
    + TARGETS
    + f", judged AS (SELECT r.*, coalesce({ITS_SECONDS}, :level_s) AS level_s FROM stays r "
    + ITS_TARGET
    + " WHERE r.at >= :since) SELECT queue, "
    + COUNTS
    + " FROM judged GROUP BY queue ORDER BY queue"
)
# One caller is one call here: waited since the first entry, answered if anybody ever answered.
_ALL: Final = text(
    STAYS
    + ", callers AS (SELECT caller_fate AS fate, caller_wait_s AS wait_s, CAST(:level_s AS float8) AS level_s "
    + "FROM stays WHERE at >= :since) SELECT '' AS queue, "
    + COUNTS
    + " FROM callers"
)
_PEAKS: Final = text("""
WITH calls AS (
    SELECT trunk, started_at, ended_at FROM contacts
    WHERE direction = 'inbound' AND NOT drill AND started_at >= :begin AND ended_at >= :since
      AND end_reason <> ALL (CAST(:refused AS text[]))
), steps AS (
    SELECT trunk, greatest(started_at, CAST(:since AS timestamptz)) AS at, 1 AS step FROM calls
    UNION ALL SELECT trunk, ended_at, -1 FROM calls
    UNION ALL SELECT name, greatest(at, CAST(:since AS timestamptz)), 1
    FROM unnest(CAST(:trunks AS text[]), CAST(:starts AS timestamptz[])) AS live(name, at)
), levels AS (
    SELECT NULL AS trunk, sum(step) OVER (ORDER BY at, step) AS level FROM steps
    UNION ALL SELECT trunk, sum(step) OVER (PARTITION BY trunk ORDER BY at, step) FROM steps
) SELECT trunk, max(level) FROM levels GROUP BY trunk
""")
_AGENTS: Final = text(
    SLOTS
    + "SELECT agent_id, sum(answered), sum(missed), sum(talk_s + hold_s), sum(staffed_s), sum(break_s), sum(wrap_s) "
    + "FROM slots GROUP BY agent_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDay:
    """One agent's day so far. ``talk_s`` counts hold too; ``missed`` are offers that rang in vain.

    A break, a conversation or any other state that lasts over midnight counts on each day with its own part.
    """

    answered: int = 0
    talk_s: float = 0.0
    missed: int = 0
    online_s: float = 0.0
    """In any state but offline."""
    break_s: float = 0.0
    wrap_up_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveLine:
    """A call that lives now, for the peak."""

    trunk: str
    since: datetime


def live_lines(calls: Iterable[Call]) -> list[LiveLine]:
    """The lines in use: real calls, without those that are only told why they are refused."""
    return [
        LiveLine(trunk=call.trunk, since=call.arrived_at)
        for call in calls
        if not call.drill and call.end_reason not in REFUSED
    ]


async def service_figures(session: ReadSession, since: datetime, now: datetime) -> tuple[ServiceFigures, ...]:
    """All callers' figures first, then each queue's that had any."""
    binds = {
        "begin": since - LONGEST_CALL,
        "end": now + LONGEST_CALL,
        "since": since,
        "now": now,
        "short_s": SHORT_ABANDON_S,
        "level_s": SERVICE_LEVEL_S,
    }
    rows = list((await session.execute(_ALL, binds)).mappings())
    rows += (await session.execute(_BY_QUEUE, binds)).mappings()
    return tuple(
        ServiceFigures(**{**row, "queue": row["queue"] or "", "answered_wait_s": float(row["answered_wait_s"])})
        for row in rows
    )


async def line_peaks(session: ReadSession, since: datetime, live: Iterable[LiveLine]) -> dict[str | None, int]:
    """The most calls at once since then: under None in all, and of each trunk. Drills and refused calls apart."""
    lines = list(live)
    binds = {
        "begin": since - LONGEST_CALL,
        "since": since,
        "refused": list(REFUSED),
        "trunks": [line.trunk for line in lines],
        "starts": [line.since for line in lines],
    }
    return {trunk: int(peak) for trunk, peak in await session.execute(_PEAKS, binds)}


async def agent_days(session: ReadSession, since: datetime, now: datetime) -> dict[AgentId, AgentDay]:
    """Everybody's day who was there or had a part in any call since then."""
    rows = await session.execute(_AGENTS, {"begin": since, "end": now, "now": now})
    return {
        AgentId(agent.hex): AgentDay(
            answered=int(answered),
            missed=int(missed),
            talk_s=round(float(talk), 1),
            online_s=round(float(online), 1),
            break_s=round(float(on_break), 1),
            wrap_up_s=round(float(wrap_up), 1),
        )
        for agent, answered, missed, talk, online, on_break, wrap_up in rows
    }


def midnight(now: datetime, zone: ZoneInfo) -> datetime:
    """When the site's day began, in UTC: its date is not the day's."""
    return day_span(now.astimezone(zone).date(), zone).begins


@dataclass(frozen=True, slots=True)
class Day:
    """What was read together."""

    since: datetime
    service: tuple[ServiceFigures, ...]
    peaks: Mapping[str | None, int]
    agents: Mapping[AgentId, AgentDay]


class TodayFigures:
    """The day's figures for all pages: however many look, the database is asked once every two seconds at most."""

    def __init__(self, database: Database, clock: Clock, zone: ZoneInfo) -> None:
        self._database, self._clock, self._zone = database, clock, zone
        self._day: Day | None = None
        self._good_until = 0.0
        self._one_at_a_time = asyncio.Lock()

    async def read(self, live: Iterable[LiveLine]) -> Day:
        """Raises Unavailable without the database."""
        async with self._one_at_a_time:
            began = time.monotonic()
            now = self._clock.now()
            since = midnight(now, self._zone)
            if self._day is None or began >= self._good_until or self._day.since != since:
                async with self._database.read() as session:
                    await tune(session)
                    service = await service_figures(session, since, now)
                    peaks = await line_peaks(session, since, live)
                    agents = await agent_days(session, since, now)
                self._day = Day(since, service, peaks, agents)
                self._good_until = began + max(FRESH_S, LOAD_SHARE * (time.monotonic() - began))
            return self._day
