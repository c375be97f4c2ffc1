"""Figures of any stretch of time, by queue, hotline, trunk, agent or outcome and by interval.

Days that are summed come from ``call_facts`` and ``agent_slots``, the last ones from the calls themselves, by the same
SQL (``visits.py``, ``agents.py``): what a report says of today is what the wallboard says.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Generic
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError

from callcenter.calls.tables import TRUNK_OF
from callcenter.db.engine import ReadSession
from callcenter.errors import BadRequest, Unavailable
from callcenter.reporting.agents import BREAKS, SLOTS
from callcenter.reporting.figures import SERVICE_LEVEL_S, AgentFigures, Figures, OutcomeFigures, ServiceFigures
from callcenter.reporting.summing import summed_until
from callcenter.reporting.visits import (
    COUNTS,
    FACTS,
    ITS_SECONDS,
    ITS_TARGET,
    LONGEST_CALL,
    REFUSED,
    SHORT_ABANDON_S,
    TARGETS,
    tune,
)
from callcenter.roster.shifts import day_span

QUARTER: Final = timedelta(minutes=15)
MOST_LIVE: Final = timedelta(days=12)
"""So much may be read from the calls themselves; before a first start's days are summed it would be years."""
MOST_ROWS: Final = 20_000
_TIMED_OUT: Final = "57014"


class Interval(StrEnum):
    WHOLE = "whole"
    """The range is one row."""
    QUARTER = "15m"
    HALF = "30m"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class By(StrEnum):
    """What rows are told apart by. Those of a queue count stays in it, all others callers: ``definitions.py``."""

    TIME = "time"
    QUEUE = "queue"
    HOTLINE = "hotline"
    TRUNK = "trunk"
    AGENT = "agent"
    OUTCOME = "outcome"


LONGEST: Final[Mapping[Interval, timedelta]] = {
    Interval.QUARTER: timedelta(days=14),
    Interval.HALF: timedelta(days=31),
    Interval.HOUR: timedelta(days=62),
    Interval.DAY: timedelta(days=800),
    Interval.WEEK: timedelta(days=3700),
    Interval.MONTH: timedelta(days=3700),
    Interval.WHOLE: timedelta(days=3700),
}
"""How long a range may be told of by intervals of each length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is asked for. ``since`` is included, ``until`` is not; both are full quarters of an hour."""

    since: datetime
    until: datetime
    by: By = By.TIME
    interval: Interval = Interval.WHOLE
    queue: str | None = None
    hotline: str | None = None
    trunk: str | None = None
    agent_id: str | None = None

    def check(self) -> None:
        """Raises BadRequest, which says what to choose instead."""
        if self.until <= self.since:
            raise BadRequest("the range ends before it begins", details={"reason": "empty_range"})
        if any(at.timestamp() % QUARTER.total_seconds() for at in (self.since, self.until)):
            raise BadRequest("a range begins and ends at a full quarter of an hour", details={"reason": "no_quarter"})
        if self.until - self.since > LONGEST[self.interval] + LONGEST_CALL:
            days = LONGEST[self.interval].days
            raise BadRequest(
                f"by {self.interval} at most {days} days can be shown; choose longer intervals or a shorter range",
                details={"reason": "range_too_long", "days": days},
            )

    @property
    def stays(self) -> bool:
        """Whether stays in a queue are counted, or callers."""
        return self.by is By.QUEUE or self.queue is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Generic[Figures]):
    """``at``: when its interval begins; None: the whole range. ``key``: the queue's name, the agent's id …"""

    at: datetime | None
    key: str
    figures: Figures
    breaks: Mapping[str, float] = field(default_factory=dict)
    """Seconds by reason; of agents alone."""


def _slot(column: str, interval: Interval) -> str:
    match interval:
        case Interval.WHOLE:
            return "CAST(NULL AS timestamptz)"
        case Interval.QUARTER:
            return f"date_bin('15 minutes', {column}, '2000-01-01 00:00+00')"
        case Interval.HALF:
            return f"date_bin('30 minutes', {column}, '2000-01-01 00:00+00')"
        case _:
            return f"date_trunc('{interval}', {column}, :zone)"


_ROW: Final = (
    "visit, at, hotline, trunk, queue, agent_id, contact_id, fate, wait_s, caller_fate, caller_wait_s, "
    "talk_s, hold_s, wrap_s, ratings, score"
)
_MORE: Final = """,
       coalesce(max(wait_s), 0) AS longest_s,
       count(*) FILTER (WHERE visit <= 1 AND stay_fate NOT IN ('reached', 'not_reached', 'calls')) AS calls,
       count(*) FILTER (WHERE stay_fate = 'refused') AS refused, count(*) FILTER (WHERE stay_fate = 'menu') AS menu,
       count(*) FILTER (WHERE stay_fate = 'answered') AS handled,
       coalesce(sum(talk_s), 0) AS talk_s, coalesce(sum(hold_s), 0) AS hold_s, coalesce(sum(wrap_s), 0) AS wrap_s,
       coalesce(sum(ratings), 0) AS ratings, coalesce(sum(score), 0) AS score,
       count(*) FILTER (WHERE stay_fate IN ('reached', 'not_reached', 'calls')) AS outbound,
       count(*) FILTER (WHERE stay_fate = 'reached') AS reached
"""
_KEYS: Final[Mapping[By, str]] = {
    By.TIME: "CAST('' AS text)",
    By.QUEUE: "queue",
    By.HOTLINE: "hotline",
    By.TRUNK: TRUNK_OF,
}


def _rows(live: bool) -> str:
    """What is summed, and with ``live`` what is not yet, as the CTE ``rows``."""
    summed, still = (
        f"SELECT {_ROW} FROM {table} WHERE at >= :since AND at < :until" for table in ("call_facts", "facts")
    )
    return f"{FACTS}, rows AS ({summed} UNION ALL {still})" if live else f"WITH rows AS ({summed})"


def _wanted(selection: Selection) -> tuple[str, dict[str, object]]:
    """A condition on rows and its binds."""
    chosen = {name: getattr(selection, name) for name in ("queue", "hotline", "trunk")}
    binds = {f"only_{name}": value for name, value in chosen.items() if value is not None}
    columns = {"queue": "queue", "hotline": "hotline", "trunk": _KEYS[By.TRUNK]}
    only = (f" AND {columns[name]} = :only_{name}" for name, value in chosen.items() if value is not None)
    return "".join(only), dict(binds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far the sums go for a range; ``live_from`` None: all of it is summed."""

    live_from: datetime | None

    @classmethod
    async def of(cls, session: ReadSession, selection: Selection, now: datetime, zone: ZoneInfo) -> Reach:
        """Raises Unavailable while years are still to be summed."""
        day = await summed_until(session)
        least = selection.since - LONGEST_CALL
        live_from = least if day is None else max(day_span(day, zone).begins, least)
        end = min(selection.until, now + QUARTER)
        if live_from >= end:
            return cls(live_from=None)
        if day is not None and end - live_from > MOST_LIVE:
            raise Unavailable(
                f"earlier days are still being summed (now at {day}); try again in a few minutes",
                details={"reason": "being_summed", "until": day.isoformat()},
            )
        return cls(live_from=live_from)


@asynccontextmanager
async def patient(session: ReadSession) -> AsyncIterator[None]:
    """Within it a question that PostgreSQL gives up on is told as what it is: too large. Raises BadRequest."""
    try:
        await tune(session)
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _TIMED_OUT:
            raise
        raise BadRequest(
            "this would take too long; choose a shorter range or longer intervals", details={"reason": "too_much"}
        ) from error


async def service(
    session: ReadSession, selection: Selection, now: datetime, zone: ZoneInfo
) -> list[Row[ServiceFigures]]:
    """By time, queue, hotline or trunk; ordered by time and key. A stay is judged by its queue's seconds as they were
    when it began.

    Raises BadRequest, Unavailable.
    """
    reach = await Reach.of(session, selection, now, zone)
    only, binds = _wanted(selection)
    unit = "fate, wait_s" if selection.stays else "caller_fate AS fate, caller_wait_s AS wait_s"
    level = f"coalesce({ITS_SECONDS}, :level_s)" if selection.stays else "CAST(:level_s AS float8)"
    targets, its = (TARGETS, ITS_TARGET) if selection.stays else ("", "")
    statement = text(
        _rows(reach.live_from is not None)
        + f"{targets}, judged AS (SELECT {_slot('at', selection.interval)} AS slot, {_KEYS[selection.by]} AS key, "
        + f"visit, fate AS stay_fate, {unit}, {level} AS level_s, talk_s, hold_s, wrap_s, ratings, score "
        + f"FROM rows r {its} "
        + f"WHERE true{' AND visit > 0' if selection.stays else ''}{only}) "
        + f"SELECT slot, key, {COUNTS}{_MORE} FROM judged GROUP BY slot, key ORDER BY slot, key"
    )
    binds |= {"short_s": SHORT_ABANDON_S, "level_s": SERVICE_LEVEL_S}
    found = await _ask(session, statement, binds, selection, now, zone, reach)
    return [Row(at=row.pop("slot"), key=row.pop("key") or "", figures=_made(ServiceFigures, row)) for row in found]


async def agents(session: ReadSession, selection: Selection, now: datetime, zone: ZoneInfo) -> list[Row[AgentFigures]]:
    """Each agent's, drill crews apart. Raises BadRequest, Unavailable."""
    reach = await Reach.of(session, selection, now, zone)
    live = reach.live_from is not None
    if live:  # slots need no call that began the day before
        reach = Reach(live_from=max(selection.since, reach.live_from or selection.since))
    summed = "WHERE slot >= :since AND slot < :until"
    whose = " AND agent_id = CAST(:agent AS uuid)" if selection.agent_id else ""
    crew = " AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = agent_id AND a.drill)"
    names = [one.name for one in fields(AgentFigures)]
    columns, sums = ", ".join(names), ", ".join(f"sum({name}) AS {name}" for name in names)
    slot = _slot("slot", selection.interval)
    binds: dict[str, object] = {"agent": selection.agent_id} if selection.agent_id else {}

    def asked(cte: str, wanted: str, table: str, of_live: str, group: str) -> TextClause:
        more = f" UNION ALL SELECT {wanted} FROM {of_live} {summed}" if live else ""
        head = f"{cte}, rows AS (" if live else "WITH rows AS ("
        return text(
            head + f"SELECT {wanted} FROM {table} {summed}{more}) SELECT {slot} AS at, agent_id AS key, {group}"
        )

    times = asked(
        SLOTS, f"slot, agent_id, {columns}", "agent_slots", "slots",
        f"{sums} FROM rows WHERE true{whose}{crew} GROUP BY 1, 2 ORDER BY 1, 2",
    )  # fmt: skip
    breaks = asked(
        BREAKS, "slot, agent_id, reason, seconds", "agent_break_slots", "breaks",
        f"reason, sum(seconds) AS seconds FROM rows WHERE true{whose} GROUP BY 1, 2, 3",
    )  # fmt: skip
    found = await _ask(session, times, binds, selection, now, zone, reach)
    spent: dict[tuple[datetime | None, str], dict[str, float]] = {}
    for row in await _ask(session, breaks, binds, selection, now, zone, reach):
        spent.setdefault((row["at"], row["key"].hex), {})[row["reason"]] = round(float(row["seconds"]))
    made = []
    for row in found:
        at, key = row.pop("at"), row.pop("key").hex
        made.append(Row(at=at, key=key, figures=_made(AgentFigures, row), breaks=spent.get((at, key), {})))
    return made


async def outcomes(
    session: ReadSession, selection: Selection, now: datetime, zone: ZoneInfo, *, department: str | None = None
) -> list[Row[OutcomeFigures]]:
    """What agents wrote in that time, by disposition. Raises BadRequest, Unavailable."""
    reach = await Reach.of(session, selection, now, zone)
    live = reach.live_from is not None
    only, binds = _wanted(selection)
    slot = _slot("o.created_at", selection.interval)
    written = (
        "o.created_at >= :since AND o.created_at < :until "
        "AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.drill AND c.id = o.contact_id)"
        + (" AND o.department = :department" if department is not None else "")
    )
    # Who writes an outcome has had the call within the day before.
    theirs = "f.contact_id = o.contact_id AND f.agent_id = o.agent_id AND f.at >= :calls_since AND f.at < :until" + only
    sources = ("call_facts", *(("facts",) if live else ()))
    matched = " OR ".join(f"EXISTS (SELECT 1 FROM {source} f WHERE {theirs})" for source in sources)
    # Each source is joined for itself: of what they are together PostgreSQL knows too little to join it well.
    since = {"call_facts": "", "facts": " AND o.created_at >= :begin"}
    times = "".join(
        f" UNION ALL SELECT {slot}, o.disposition, 0, 0, count(*), sum(f.talk_s), sum(f.hold_s), sum(f.wrap_s) "
        f"FROM outcomes o JOIN {source} f ON {theirs} "
        f"WHERE f.fate = 'answered' AND {written}{since[source]} GROUP BY 1, 2"
        for source in sources
    )
    statement = text(
        (f"{FACTS}, " if live else "WITH ")
        + f"parts AS (SELECT {slot} AS at, o.disposition AS key, count(*) AS written, count(k.outcome_id) AS cases, "
        + "0 AS handled, 0 AS talk_s, 0 AS hold_s, 0 AS wrap_s "
        + f"FROM outcomes o LEFT JOIN cases k ON k.outcome_id = o.id WHERE {written}"
        + (f" AND ({matched})" if only else "")
        + f" GROUP BY 1, 2{times}) "
        + "SELECT at, key, sum(written) AS written, sum(cases) AS cases, sum(handled) AS handled, "
        + "sum(talk_s) AS talk_s, sum(hold_s) AS hold_s, sum(wrap_s) AS wrap_s "
        + "FROM parts GROUP BY at, key ORDER BY at, key"
    )
    binds |= {"calls_since": selection.since - LONGEST_CALL}
    if department is not None:
        binds["department"] = department
    found = await _ask(session, statement, binds, selection, now, zone, reach)
    return [Row(at=row.pop("at"), key=row.pop("key"), figures=_made(OutcomeFigures, row)) for row in found]


async def arrivals(session: ReadSession, selection: Selection, now: datetime, zone: ZoneInfo) -> list[list[int]]:
    """How many came to a queue: by weekday (Monday first) and hour of the site's day.

    Raises BadRequest, Unavailable."""
    reach = await Reach.of(session, selection, now, zone)
    only, binds = _wanted(selection)
    first = "visit > 0" if selection.stays else "visit = 1"
    statement = text(
        _rows(reach.live_from is not None)
        + "SELECT CAST(extract(isodow FROM at AT TIME ZONE :zone) AS int) AS day, "
        + "CAST(extract(hour FROM at AT TIME ZONE :zone) AS int) AS hour, count(*) AS many FROM rows "
        + f"WHERE {first}{only} GROUP BY 1, 2"
    )
    grid = [[0] * 24 for _ in range(7)]
    for row in await _ask(session, statement, binds, selection, now, zone, reach):
        grid[row["day"] - 1][row["hour"]] = int(row["many"])
    return grid


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What came to a queue in a quarter of an hour, and what it took."""

    at: datetime
    queue: str
    callers: int
    """Offered here first; who hung up at once apart."""
    stays: int
    """Offered; the same apart."""
    handled: int
    handle_s: float
    """Talk, hold and wrap-up of those."""


async def loads(session: ReadSession, selection: Selection, now: datetime, zone: ZoneInfo) -> list[Load]:
    """Of each queue to which somebody came: what a forecast is made from, in one question.

    Raises BadRequest, Unavailable.
    """
    reach = await Reach.of(session, selection, now, zone)
    statement = text(
        _rows(reach.live_from is not None)
        + f"SELECT {_slot('at', Interval.QUARTER)} AS at, coalesce(queue, '') AS queue, "
        + "count(*) FILTER (WHERE visit = 1 AND NOT (caller_fate = 'hung_up' AND caller_wait_s <= :short_s)) "
        + "AS callers, count(*) FILTER (WHERE NOT (fate = 'hung_up' AND wait_s <= :short_s)) AS stays, "
        + "count(*) FILTER (WHERE fate = 'answered') AS handled, "
        + "CAST(sum(talk_s + hold_s + wrap_s) AS float8) AS handle_s FROM rows WHERE visit > 0 GROUP BY 1, 2"
    )
    found = await _ask(session, statement, {"short_s": SHORT_ABANDON_S}, selection, now, zone, reach)
    return [Load(**row) for row in found]


async def _ask(
    session: ReadSession,
    statement: TextClause,
    binds: Mapping[str, object],
    selection: Selection,
    now: datetime,
    zone: ZoneInfo,
    reach: Reach,
) -> list[dict[str, Any]]:
    given: dict[str, object] = {
        **binds,
        "since": selection.since,
        "until": selection.until,
        "zone": zone.key,
        "begin": reach.live_from,
        "end": min(selection.until, now + LONGEST_CALL),
        "now": now,
        "refused": list(REFUSED),
    }
    used = {name: value for name, value in given.items() if name in statement.compile().params}
    async with patient(session):
        return [dict(row) for row in (await session.execute(statement, used)).mappings()]


def _made(kind: type[Any], row: Mapping[str, Any]) -> Any:
    """Sums come as whatever PostgreSQL adds up to."""
    return kind(**{name: float(value) if name.endswith("_s") else int(value) for name, value in row.items()})
