"""The month's service report of the house and of each department: made when the month is over, kept as it was made.

Its figures are those of the reports' page for the same days. What is kept are the finished tables, in both languages:
what was handed out stays as it was, whatever is renamed or comes late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from callcenter.business.tables import Outcome
from callcenter.cases.tables import Department
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.errors import BadRequest, CallCenterError, NotFound
from callcenter.reporting import definitions, history
from callcenter.reporting.figures import rounded
from callcenter.reporting.history import By, Interval, Selection
from callcenter.reporting.room import ReportRoom, table_of
from callcenter.reporting.sheets import Language, Table
from callcenter.reporting.tables import MonthlyReport
from callcenter.roster.shifts import day_span

_log = structlog.get_logger()
HOUSE: Final = ""
"""The department whose report is the whole house's."""
MADE_AT: Final = timedelta(hours=2)
"""So long into the first day of the month after it: what the spool still holds has come by then."""
_LOOK_EVERY_S: Final = 900.0
_GROUPS: Final[Mapping[str, Sequence[definitions.Definition]]] = {
    "service": definitions.SERVICE,
    "agents": definitions.AGENTS,
    "outcomes": definitions.OUTCOMES,
    "departments": definitions.DEPARTMENTS,
}
_LANGUAGES: Final[tuple[Language, ...]] = ("zh-CN", "en")
_PARTS: Final = (
    ("总览", "Overview", By.TIME, Interval.WHOLE, "service"),
    ("按天", "By day", By.TIME, Interval.DAY, "service"),
    ("按队列", "By queue", By.QUEUE, Interval.WHOLE, "service"),
    ("按热线", "By hotline", By.HOTLINE, Interval.WHOLE, "service"),
    ("按坐席", "By agent", By.AGENT, Interval.WHOLE, "agents"),
    ("按处理结果", "By outcome", By.OUTCOME, Interval.WHOLE, "outcomes"),
)
_DEPARTMENTS: Final = text("""
SELECT o.department AS key, count(*) AS written, count(k.number) AS cases,
       count(*) FILTER (WHERE k.state IN ('resolved', 'closed')) AS resolved
FROM outcomes o LEFT JOIN cases k ON k.outcome_id = o.id
WHERE o.created_at >= :since AND o.created_at < :until AND o.department IS NOT NULL
GROUP BY 1 ORDER BY 1
""")


def last_month(today: date) -> date:
    """The first day of the month before this day's."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


async def make(room: ReportRoom, month: date, *, anew: bool = False) -> list[str]:
    """Make the reports of a month that is over, of those that are not there yet (``anew``: of all); whose they are.

    Raises BadRequest, Unavailable.
    """
    now = room.clock.now()
    if next_month(month) > now.astimezone(room.zone).date():
        raise BadRequest("this month is not over yet", details={"reason": "not_over"})
    span = Selection(
        since=day_span(month, room.zone).begins, until=day_span(next_month(month), room.zone).begins, by=By.TIME
    )
    async with room.database.read() as session:
        there = set(await session.scalars(select(MonthlyReport.department).where(MonthlyReport.month == month)))
        routed = [dict(row) for row in (await session.execute(_DEPARTMENTS, _range(span))).mappings()]
        english = await english_names(session)
    wanted = [one for one in (HOUSE, *(row["key"] for row in routed)) if anew or one not in there]
    for department in wanted:
        calls, content = await _content(room, span, department, routed, english, now)
        async with room.database.write() as session:
            await _keep(session, month, department, now, calls, content)
    return wanted


async def english_names(session: ReadSession) -> dict[str, str]:
    """What departments are called in English, by whatever an outcome may name them: code or title."""
    rows = await session.execute(select(Department.code, Department.title, Department.title_en))
    return {word: title_en for code, title, title_en in rows if title_en for word in (code, title)}


def _range(span: Selection) -> dict[str, datetime]:
    return {"since": span.since, "until": span.until}


async def _keep(
    session: WriteSession, month: date, department: str, now: datetime, calls: int, content: dict[str, Any]
) -> None:
    values = {"made_at": now, "calls": calls, "content": content}
    row = insert(MonthlyReport).values(month=month, department=department, **values)
    await session.execute(row.on_conflict_do_update(index_elements=["month", "department"], set_=values))


async def _content(
    room: ReportRoom,
    span: Selection,
    department: str,
    routed: Sequence[Mapping[str, Any]],
    english: Mapping[str, str],
    now: datetime,
) -> tuple[int, dict[str, Any]]:
    made: dict[str, list[dict[str, Any]]] = {language: [] for language in _LANGUAGES}
    if department == HOUSE:
        calls = 0
        for title, title_en, by, interval, group in _PARTS:
            asked = Selection(since=span.since, until=span.until, by=by, interval=interval)
            report = await room.report(asked)
            calls = report.total["offered"] if by is By.TIME else calls
            for language in _LANGUAGES:
                table = table_of(report, room.zone, language)
                made[language].append(_kept(table, title_en if language == "en" else title, group))
        shown = routed
    else:
        shown = [row for row in routed if row["key"] == department]
        calls = sum(row["written"] for row in shown)
        async with room.database.read() as session:
            rows = await history.outcomes(session, span, now, room.zone, department=department)
        report = await room.outcomes_report(span, rows)
        for language in _LANGUAGES:
            title = ("按处理结果", "By outcome")[language == "en"]
            made[language].append(_kept(table_of(report, room.zone, language), title, "outcomes"))
    for language in _LANGUAGES:
        made[language].append(_by_department(shown, english if language == "en" else None))
    return calls, made


def _kept(table: Table, title: str, group: str) -> dict[str, Any]:
    return {
        "title": title,
        "group": group,
        "heads": list(table.heads),
        "columns": [one.code for one in table.columns],
        "rows": [{"heads": list(heads), "values": list(values)} for heads, values in table.rows],
    }


def _by_department(routed: Sequence[Mapping[str, Any]], names: Mapping[str, str] | None) -> dict[str, Any]:
    """``names``: what the departments are called in English, for an English table; None: a Chinese one."""
    english = names is not None
    called = names or {}

    def row(head: str, counts: Mapping[str, int]) -> dict[str, Any]:
        share = rounded(counts["resolved"] / counts["cases"]) if counts["cases"] else None
        return {"heads": [head], "values": [counts["written"], counts["cases"], counts["resolved"], share]}

    every = {name: sum(one[name] for one in routed) for name in ("written", "cases", "resolved")}
    return {
        "title": ("按部门", "By department")[english],
        "group": "departments",
        "heads": [("部门", "Department")[english]],
        "columns": [one.code for one in definitions.DEPARTMENTS],
        "rows": [
            *(row(called.get(one["key"], one["key"]), one) for one in routed),
            row(("合计", "Total")[english], every),
        ],
    }


def tables(content: Mapping[str, Any], language: Language) -> list[Table]:
    """What was kept, as sheets."""
    made = []
    for kept in content[language]:
        named = {one.code: one for one in _GROUPS[kept["group"]]}
        rows = [(row["heads"], row["values"]) for row in kept["rows"]]
        columns = [named[code] for code in kept["columns"]]
        made.append(Table(title=kept["title"], heads=kept["heads"], columns=columns, rows=rows))
    return made


async def found(session: ReadSession, month: date, department: str) -> MonthlyReport:
    """Raises NotFound."""
    row = await session.get(MonthlyReport, (month, department))
    if row is None:
        raise NotFound("there is no such monthly report; it is made on the first of the month after it")
    return row


class MonthlyReports:
    """Makes last month's reports when they are due; run :meth:`run` as a task."""

    def __init__(self, room: ReportRoom) -> None:
        self._room = room

    async def run(self) -> None:
        """Look every quarter of an hour, until cancelled. Whoever comes late, after days away, makes them then."""
        while True:
            try:
                await self.make_due()
            except CallCenterError as error:
                _log.warning("monthly_report_not_made", reason=error.message)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def make_due(self) -> list[str]:
        """Last month's, if it is time and there was any call in it. Raises BadRequest, Unavailable."""
        room = self._room
        due = (room.clock.now() - MADE_AT).astimezone(room.zone).date()
        month = last_month(due)
        async with room.database.read() as session:
            if await session.get(MonthlyReport, (month, HOUSE)) is not None:
                return []
            span = {"since": day_span(month, room.zone).begins, "until": day_span(next_month(month), room.zone).begins}
            worked = select(Outcome.id).where(Outcome.created_at >= span["since"], Outcome.created_at < span["until"])
            if await session.scalar(worked.limit(1)) is None:
                return []
        return await make(room, month)
