"""What the reports' endpoints share, and what they work out together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import Depends
from sqlalchemy import select
from starlette.requests import HTTPConnection

from callcenter.access.tables import Account
from callcenter.business.tables import BreakReason, Disposition
from callcenter.clock import Clock
from callcenter.db.engine import Database, ReadSession
from callcenter.reporting import history
from callcenter.reporting.definitions import AGENTS, OUTCOMES, SERVICE, Definition
from callcenter.reporting.expected import Expectations
from callcenter.reporting.figures import AgentFigures, OutcomeFigures, ServiceFigures, total
from callcenter.reporting.history import By, Interval, Row, Selection
from callcenter.reporting.sheets import Cell, Language, Table

Titles = Mapping[str, tuple[str, str]]
"""A key → its Chinese and its English title."""
_OF_CALLERS: Final = frozenset({"calls", "refused", "menu", "outbound", "reached"})
"""What a queue's stays do not tell."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a report as JSON says it; ``at`` None: the whole range."""

    at: datetime | None
    key: str
    title: str
    title_en: str
    figures: Mapping[str, Any]
    breaks: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    selection: Selection
    columns: Sequence[Definition]
    lines: Sequence[Line]
    total: Mapping[str, Any]
    breaks: Titles = field(default_factory=dict)
    """Reasons of breaks that are told of."""


@dataclass(slots=True, kw_only=True)
class ReportRoom:
    """``composition`` puts it on ``app.state.reports``."""

    database: Database
    clock: Clock
    zone: ZoneInfo
    queues: Callable[[], Titles]
    hotlines: Callable[[], Titles]
    trunks: Callable[[], Titles]
    """By endpoint, as calls name them."""
    expected: Expectations

    @property
    def one_at_a_time(self) -> asyncio.Lock:
        """A report may keep a core of PostgreSQL busy for seconds: never two at once, beside the calls."""
        return self.expected.one_at_a_time

    async def report(self, selection: Selection) -> Report:
        """Raises BadRequest, Unavailable."""
        selection.check()
        now = self.clock.now()
        async with self.one_at_a_time, self.database.read() as session:
            match selection.by:
                case By.AGENT:
                    return await self._agents(session, selection, now)
                case By.OUTCOME:
                    return await self._outcomes(session, selection, now)
                case _:
                    return await self._service(session, selection, now)

    async def arrivals(self, selection: Selection) -> list[list[int]]:
        """Raises BadRequest, Unavailable."""
        selection.check()
        async with self.one_at_a_time, self.database.read() as session:
            return await history.arrivals(session, selection, self.clock.now(), self.zone)

    async def _service(self, session: ReadSession, selection: Selection, now: datetime) -> Report:
        rows = await history.service(session, selection, now, self.zone)
        titles = {By.QUEUE: self.queues, By.HOTLINE: self.hotlines, By.TRUNK: self.trunks}
        named: Titles = titles[selection.by]() if selection.by in titles else {}
        return Report(
            selection=selection,
            columns=[one for one in SERVICE if not (selection.stays and one.code in _OF_CALLERS)],
            lines=[Line(row.at, row.key, *_title(named, row.key), row.figures.report()) for row in rows],
            total=total(ServiceFigures, (row.figures for row in rows)).report(),
        )

    async def _agents(self, session: ReadSession, selection: Selection, now: datetime) -> Report:
        rows = await history.agents(session, selection, now, self.zone)
        people = await session.execute(
            select(Account.id, Account.display_name, Account.extension).where(Account.id.in_({row.key for row in rows}))
        )
        names = {key: f"{name} {extension or ''}".strip() for key, name, extension in people}
        named: Titles = {key: (name, name) for key, name in names.items()}
        spent = {reason for row in rows for reason in row.breaks}
        reasons = await session.scalars(select(BreakReason).where(BreakReason.code.in_(spent)))
        titled = {one.code: (one.title, one.title_en) for one in reasons}
        return Report(
            selection=selection,
            columns=AGENTS,
            lines=[Line(row.at, row.key, *_title(named, row.key), row.figures.report(), row.breaks) for row in rows],
            total=total(AgentFigures, (row.figures for row in rows)).report(),
            breaks={code: titled.get(code, (code, code)) for code in sorted(spent)},
        )

    async def _outcomes(self, session: ReadSession, selection: Selection, now: datetime) -> Report:
        return await self._of_outcomes(session, selection, await history.outcomes(session, selection, now, self.zone))

    async def outcomes_report(self, selection: Selection, rows: Sequence[Row[OutcomeFigures]]) -> Report:
        """Outcomes that were counted already."""
        async with self.database.read() as session:
            return await self._of_outcomes(session, replace(selection, by=By.OUTCOME), rows)

    async def _of_outcomes(
        self, session: ReadSession, selection: Selection, rows: Sequence[Row[OutcomeFigures]]
    ) -> Report:
        found = await session.scalars(select(Disposition))
        named: Titles = {one.code: (one.title, one.title_en) for one in found}
        every = total(OutcomeFigures, (row.figures for row in rows))
        return Report(
            selection=selection,
            columns=OUTCOMES,
            lines=[Line(row.at, row.key, *_title(named, row.key), row.figures.report(every.written)) for row in rows],
            total=every.report(every.written),
        )


def _title(named: Titles, key: str) -> tuple[str, str]:
    """What is no longer defined keeps the name that its calls have."""
    return named.get(key, (key, key))


_TIME: Final = {
    Interval.QUARTER: "%Y-%m-%d %H:%M",
    Interval.HALF: "%Y-%m-%d %H:%M",
    Interval.HOUR: "%Y-%m-%d %H:%M",
    Interval.DAY: "%Y-%m-%d",
    Interval.WEEK: "%G-W%V",
    Interval.MONTH: "%Y-%m",
}
_WORDS: Final[Mapping[By, tuple[str, str]]] = {
    By.TIME: ("范围", "Range"),
    By.QUEUE: ("队列", "Queue"),
    By.HOTLINE: ("热线", "Hotline"),
    By.TRUNK: ("线路", "Trunk"),
    By.AGENT: ("坐席", "Agent"),
    By.OUTCOME: ("处理结果", "Outcome"),
}


def table_of(report: Report, zone: ZoneInfo, language: Language) -> Table:
    """As a sheet: time and key, the figures, the total last."""
    english = language == "en"
    timed = report.selection.interval is not Interval.WHOLE
    keyed = report.selection.by is not By.TIME or not timed
    head = _WORDS[report.selection.by][english]
    heads = [*((("时间", "Time")[english],) if timed else ()), *((head,) if keyed else ())]
    rows: list[tuple[Sequence[str], Sequence[Cell]]] = []
    for line in report.lines:
        at = [line.at.astimezone(zone).strftime(_TIME[report.selection.interval])] if line.at and timed else []
        whole = span_words(report.selection, zone) if report.selection.by is By.TIME else ""
        key = [whole or (line.title_en if english else line.title)] if keyed else []
        rows.append(([*at, *key], [line.figures[one.code] for one in report.columns]))
    last = ("合计", "Total")[english]
    rows.append(([last, *[""] * (len(heads) - 1)], [report.total[one.code] for one in report.columns]))
    return Table(title=head, heads=heads, columns=report.columns, rows=rows)


def span_words(selection: Selection, zone: ZoneInfo) -> str:
    """``2026-11-01 00:00 – 2026-12-01 00:00``, in the site's time."""
    since, until = (at.astimezone(zone).strftime("%Y-%m-%d %H:%M") for at in (selection.since, selection.until))
    return f"{since} – {until}"


async def room(connection: HTTPConnection) -> ReportRoom:
    found: ReportRoom = connection.app.state.reports
    return found


Room = Annotated[ReportRoom, Depends(room)]
