"""Today's service figures, from contacts and segments. ``docs/figures.md`` defines every one of them.

A *visit* is one caller's stay in one queue: the wait and ring segments that follow each other, up to the talk,
the hang-up or the way out. The queue it began in is credited; a caller who is transferred to another queue
pays a second visit there. The *day* is the site's: a visit belongs to the day on which it began.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import text

from callcenter.calls.state import Call
from callcenter.clock import Clock
from callcenter.db.engine import Database, ReadSession
from callcenter.ids import AgentId

SHORT_ABANDON_S: Final = 5.0
"""Who hangs up within so many seconds of entering a queue did not give the service a chance."""
SERVICE_LEVEL_S: Final = 20.0
"""For queues that are no longer defined, and for all queues together: the trade's 80/20."""
SERVICE_TARGET: Final = 0.8
FRESH_S: Final = 2.0
LOAD_SHARE: Final = 20
"""The database is busy with the figures at most one part in so many of the time."""
REFUSED: Final = ("lines_busy", "unknown_number")
"""How calls end that were only told why they were not let in."""
_LONGEST_CALL: Final = timedelta(days=1)

# Bind names: begin (when calls may have begun), since, now, short_s, queues and levels (parallel arrays).
_VISITS: Final = """
WITH marked AS (
    SELECT s.contact_id, s.seq, s.kind, s.queue, s.started_at, s.kind IN ('wait', 'ring') AS waiting,
           lag(s.kind IN ('wait', 'ring')) OVER (PARTITION BY s.contact_id ORDER BY s.seq) AS waited_before,
           c.ended_at, c.ended_by
    FROM segments s JOIN contacts c ON c.id = s.contact_id
    WHERE c.direction = 'inbound' AND NOT c.drill AND c.started_at >= :begin AND s.track = 0
), numbered AS (
    SELECT *, count(*) FILTER (WHERE waiting AND waited_before IS NOT TRUE)
                  OVER (PARTITION BY contact_id ORDER BY seq) AS visit
    FROM marked
), visits AS (
    SELECT contact_id, visit, (array_agg(queue ORDER BY seq) FILTER (WHERE waiting))[1] AS queue,
           min(started_at) FILTER (WHERE waiting) AS entered_at,
           min(started_at) FILTER (WHERE kind = 'talk') AS answered_at,
           bool_and(waiting) AS still_in_line, min(ended_at) AS ended_at, min(ended_by) AS ended_by
    FROM numbered WHERE visit > 0 GROUP BY contact_id, visit
), timed AS (
    SELECT *, extract(epoch FROM coalesce(answered_at, ended_at, CAST(:now AS timestamptz)) - entered_at) AS wait_s,
           answered_at IS NOT NULL AS answered,
           still_in_line AND ended_at IS NOT NULL AND ended_by = 'caller' AS hung_up,
           still_in_line AND ended_at IS NULL AS waits
    FROM visits WHERE entered_at >= :since
)
"""
_COUNTS: Final = """
       count(*) FILTER (WHERE answered) AS answered,
       count(*) FILTER (WHERE hung_up AND wait_s > :short_s) AS abandoned,
       count(*) FILTER (WHERE hung_up AND wait_s <= :short_s) AS short_abandoned,
       count(*) FILTER (WHERE NOT answered AND NOT hung_up AND NOT waits) AS flowed_out,
       count(*) FILTER (WHERE waits) AS waiting,
       count(*) FILTER (WHERE waits AND wait_s > level_s) AS waiting_late,
       count(*) FILTER (WHERE answered AND wait_s <= level_s) AS in_time,
       coalesce(sum(wait_s) FILTER (WHERE answered), 0) AS answered_wait_s
"""
_BY_QUEUE: Final = text(
    _VISITS  # noqa: S608 - constants of this module only
    + ", judged AS (SELECT t.*, coalesce(q.level_s, :level_s) AS level_s FROM timed t LEFT JOIN "
    + "unnest(CAST(:queues AS text[]), CAST(:levels AS float8[])) AS q(name, level_s) ON q.name = t.queue) "
    + "SELECT queue, "
    + _COUNTS
    + " FROM judged GROUP BY queue ORDER BY queue"
)
# One caller is one call here: waited since the first entry, answered if anybody ever answered.
_ALL: Final = text(
    _VISITS  # noqa: S608 - constants of this module only
    + """, callers AS (
    SELECT contact_id, bool_or(answered) AS answered, bool_or(hung_up) AND NOT bool_or(answered) AS hung_up,
           bool_or(waits) AND NOT bool_or(answered) AS waits, CAST(:level_s AS float8) AS level_s,
           extract(epoch FROM coalesce(min(answered_at), min(ended_at), CAST(:now AS timestamptz)) - min(entered_at))
               AS wait_s
    FROM timed GROUP BY contact_id
) SELECT '' AS queue, """
    + _COUNTS
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
_AGENTS: Final = text("""
SELECT s.agent_id,
       count(*) FILTER (WHERE s.kind = 'ring' AND s.result = 'answered'),
       coalesce(sum(extract(epoch FROM coalesce(s.ended_at, CAST(:now AS timestamptz)) - s.started_at))
                FILTER (WHERE s.kind IN ('talk', 'hold', 'consult', 'conference')), 0),
       count(*) FILTER (WHERE s.kind = 'ring' AND s.result IN ('no_answer', 'unreachable'))
FROM segments s JOIN contacts c ON c.id = s.contact_id
WHERE s.started_at >= :since AND s.agent_id IS NOT NULL AND (c.ended_at IS NOT NULL OR c.started_at >= :begin)
GROUP BY s.agent_id
""")
_STATES: Final = text("""
SELECT account_id, state,
       sum(extract(epoch FROM least(coalesce(ended_at, CAST(:now AS timestamptz)), CAST(:now AS timestamptz))
                              - greatest(started_at, CAST(:since AS timestamptz))))
FROM agent_state_log
WHERE started_at < :now AND (ended_at IS NULL OR ended_at > :since) AND state <> 'offline'
GROUP BY account_id, state
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFigures:
    """One queue's day so far, or (``queue`` empty) all callers'. The rates are None while there is nothing to rate."""

    queue: str
    answered: int
    abandoned: int
    short_abandoned: int
    flowed_out: int
    """Left the line otherwise: by a key, by overflow into the flow, to voicemail."""
    waiting: int
    waiting_late: int
    """Of those waiting, who already wait for longer than the service level's seconds."""
    in_time: int
    answered_wait_s: float

    @property
    def offered(self) -> int:
        """Callers who entered the queue, without short abandons."""
        return self.answered + self.abandoned + self.flowed_out + self.waiting

    @property
    def connect_rate(self) -> float | None:
        """answered / (offered - waiting): a caller whose wait lasts counts for nothing yet."""
        over = self.offered - self.waiting
        return self.answered / over if over else None

    @property
    def service_level(self) -> float | None:
        """Share answered within the level's seconds, of all whose fate is known:
        in_time / (answered + abandoned + flowed out + waiting for longer than the level's seconds)."""
        over = self.offered - self.waiting + self.waiting_late
        return self.in_time / over if over else None

    @property
    def asa_s(self) -> float | None:
        """Average speed of answer: mean seconds from entering the queue to the conversation, of the answered."""
        return self.answered_wait_s / self.answered if self.answered else None

    def shown(self) -> dict[str, Any]:
        """As JSON; rates from 0 to 1."""
        return {
            "queue": self.queue,
            "offered": self.offered,
            "answered": self.answered,
            "abandoned": self.abandoned,
            "short_abandoned": self.short_abandoned,
            "flowed_out": self.flowed_out,
            "connect_rate": _rounded(self.connect_rate),
            "service_level": _rounded(self.service_level),
            "asa_s": None if self.asa_s is None else round(self.asa_s, 1),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDay:
    """One agent's day so far. ``talk_s`` counts hold too; ``missed`` are offers that rang in vain.

    A break, or any other state, that lasts over midnight counts on each day with its own part.
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


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


async def service_figures(
    session: ReadSession, since: datetime, now: datetime, levels: Mapping[str, float]
) -> tuple[ServiceFigures, ...]:
    """All callers' figures first, then each queue's that had any. ``levels``: queue → its service level's seconds."""
    binds = {
        "begin": since - _LONGEST_CALL,
        "since": since,
        "now": now,
        "short_s": SHORT_ABANDON_S,
        "level_s": SERVICE_LEVEL_S,
    }
    rows = list((await session.execute(_ALL, binds)).mappings())
    by_queue = {**binds, "queues": list(levels), "levels": [float(seconds) for seconds in levels.values()]}
    rows += (await session.execute(_BY_QUEUE, by_queue)).mappings()
    return tuple(
        ServiceFigures(**{**row, "queue": row["queue"] or "", "answered_wait_s": float(row["answered_wait_s"])})
        for row in rows
    )


async def line_peaks(session: ReadSession, since: datetime, live: Iterable[LiveLine]) -> dict[str | None, int]:
    """The most calls at once since then: under None in all, and of each trunk. Drills and refused calls apart."""
    lines = list(live)
    binds = {
        "begin": since - _LONGEST_CALL,
        "since": since,
        "refused": list(REFUSED),
        "trunks": [line.trunk for line in lines],
        "starts": [line.since for line in lines],
    }
    return {trunk: int(peak) for trunk, peak in await session.execute(_PEAKS, binds)}


async def agent_days(session: ReadSession, since: datetime, now: datetime) -> dict[AgentId, AgentDay]:
    """Everybody's day who had a part in any call since then."""
    rows = await session.execute(_AGENTS, {"since": since, "begin": since - _LONGEST_CALL, "now": now})
    parts = {AgentId(agent.hex): (answered, float(talk), missed) for agent, answered, talk, missed in rows}
    states: dict[AgentId, dict[str, float]] = {}
    for account, state, seconds in await session.execute(_STATES, {"since": since, "now": now}):
        states.setdefault(AgentId(account.hex), {})[state] = max(0.0, float(seconds))
    days = {}
    for agent_id in parts.keys() | states.keys():
        answered, talk, missed = parts.get(agent_id, (0, 0.0, 0))
        spent = states.get(agent_id, {})
        days[agent_id] = AgentDay(
            answered=answered,
            talk_s=round(talk, 1),
            missed=missed,
            online_s=round(sum(spent.values()), 1),
            break_s=round(spent.get("break", 0.0), 1),
            wrap_up_s=round(spent.get("wrap_up", 0.0), 1),
        )
    return days


def midnight(now: datetime, zone: ZoneInfo) -> datetime:
    """When the site's day began."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


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

    async def read(self, levels: Mapping[str, float], live: Iterable[LiveLine]) -> Day:
        """Raises Unavailable without the database."""
        async with self._one_at_a_time:
            began = time.monotonic()
            now = self._clock.now()
            since = midnight(now, self._zone)
            if self._day is None or began >= self._good_until or self._day.since != since:
                async with self._database.read() as session:
                    service = await service_figures(session, since, now, levels)
                    peaks = await line_peaks(session, since, live)
                    agents = await agent_days(session, since, now)
                self._day = Day(since, service, peaks, agents)
                self._good_until = began + max(FRESH_S, LOAD_SHARE * (time.monotonic() - began))
            return self._day
