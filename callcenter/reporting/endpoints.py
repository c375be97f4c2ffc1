"""Reports over HTTP: figures of any stretch of time, when callers come, what the figures mean, sheets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime, BaseModel

from callcenter.access.guard import require
from callcenter.access.roles import LEADS, Role
from callcenter.access.schemas import HEX_ID
from callcenter.access.sessions import Principal
from callcenter.errors import NotPermitted
from callcenter.reporting import definitions
from callcenter.reporting.history import By, Interval, Selection
from callcenter.reporting.room import Room, span_words, table_of
from callcenter.reporting.sheets import Language, to_csv, to_xlsx

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])
VIEWERS: Final = (Role.OPS, *LEADS)
Viewer = Annotated[Principal, Depends(require(*VIEWERS))]
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class DefinitionOut(BaseModel):
    code: str
    title: str
    title_en: str
    unit: definitions.Unit
    means: str
    means_en: str


class RuleOut(BaseModel):
    title: str
    title_en: str
    means: str
    means_en: str


class DefinitionsOut(BaseModel):
    """What each figure of each kind of report means, in the order in which they are shown."""

    service: list[DefinitionOut]
    agents: list[DefinitionOut]
    outcomes: list[DefinitionOut]
    departments: list[DefinitionOut]
    rules: list[RuleOut]


class Titled(BaseModel):
    title: str
    title_en: str


class LineOut(Titled):
    """``at``: when the interval begins; null: the whole range. ``key``: the queue's name, the agent's id …"""

    at: datetime | None
    key: str
    figures: dict[str, float | None]
    breaks: dict[str, float]
    """Seconds by reason; of agents alone."""


class ReportOut(BaseModel):
    """Shares from 0 to 1, times in seconds, null where there is nothing to rate.

    ``columns``: the figures' codes in order.
    """

    since: datetime
    until: datetime
    by: By
    interval: Interval
    columns: list[str]
    lines: list[LineOut]
    total: dict[str, float | None]
    breaks: dict[str, Titled]


class ArrivalsOut(BaseModel):
    """Callers who came to a queue: for each weekday, Monday first, 24 hours."""

    grid: list[list[int]]


async def selected(
    who: Viewer,
    since: Annotated[AwareDatetime, Query(alias="from", description="Included; a full quarter of an hour")],
    until: Annotated[AwareDatetime, Query(alias="to", description="Not included; a full quarter of an hour")],
    by: By = By.TIME,
    interval: Interval = Interval.WHOLE,
    queue: Annotated[str | None, Query(max_length=64)] = None,
    hotline: Annotated[str | None, Query(max_length=64)] = None,
    trunk: Annotated[str | None, Query(max_length=64)] = None,
    agent: Annotated[str | None, Query(pattern=HEX_ID)] = None,
) -> Selection:
    """Who looks after the machines sees no single person's figures."""
    if who.role is Role.OPS and (by in (By.AGENT, By.OUTCOME) or agent is not None):
        raise NotPermitted("agents' and outcomes' figures are for team leads, supervisors and administrators")
    return Selection(
        since=since, until=until, by=by, interval=interval, queue=queue, hotline=hotline, trunk=trunk, agent_id=agent
    )


Asked = Annotated[Selection, Depends(selected)]


@router.get("/figures")
async def figures(asked: Asked, made: Room) -> ReportOut:
    """Figures of a stretch of time. By queue stays in it are counted, by anything else callers. 422 says what to choose
    instead where a range is too long for its intervals."""
    report = await made.report(asked)
    return ReportOut(
        since=asked.since,
        until=asked.until,
        by=asked.by,
        interval=asked.interval,
        columns=[one.code for one in report.columns],
        lines=[
            LineOut(
                at=line.at, key=line.key, title=line.title, title_en=line.title_en, figures=dict(line.figures),
                breaks=dict(line.breaks),
            )
            for line in report.lines
        ],
        total=dict(report.total),
        breaks={code: Titled(title=title, title_en=title_en) for code, (title, title_en) in report.breaks.items()},
    )  # fmt: skip


@router.get("/arrivals")
async def arrivals(asked: Asked, made: Room) -> ArrivalsOut:
    """When callers come: by weekday and hour of the site's day."""
    return ArrivalsOut(grid=await made.arrivals(asked))


@router.get("/definitions")
async def defined(_: Viewer) -> DefinitionsOut:
    """What the figures mean."""

    def out(group: tuple[definitions.Definition, ...]) -> list[DefinitionOut]:
        return [DefinitionOut.model_validate(one, from_attributes=True) for one in group]

    return DefinitionsOut(
        service=out(definitions.SERVICE),
        agents=out(definitions.AGENTS),
        outcomes=out(definitions.OUTCOMES),
        departments=out(definitions.DEPARTMENTS),
        rules=[
            RuleOut(title=title, title_en=title_en, means=means, means_en=means_en)
            for title, title_en, means, means_en in definitions.RULES
        ],
    )


@router.get("/figures.{kind}", response_class=Response)
async def export(kind: Literal["csv", "xlsx"], asked: Asked, made: Room, language: Language = "zh-CN") -> Response:
    """The same as a file: CSV with shares from 0 to 1 and times in seconds, XLSX as one reads it, with definitions."""
    report = await made.report(asked)
    table = table_of(report, made.zone, language)
    if kind == "csv":
        return download(to_csv(table, language), f"report-{asked.by}.csv", "text/csv; charset=utf-8")
    about = [("通话报表", "Call report")[language == "en"], span_words(asked, made.zone), *_only(asked)]
    data = await asyncio.to_thread(to_xlsx, about, [table], language)
    return download(data, f"report-{asked.by}.xlsx", XLSX)


def _only(asked: Selection) -> list[str]:
    narrowed: Mapping[str, str | None] = {"queue": asked.queue, "hotline": asked.hotline, "trunk": asked.trunk}
    said = ", ".join(f"{name}: {value}" for name, value in narrowed.items() if value is not None)
    return [said] if said else []


def download(data: bytes, name: str, media_type: str) -> Response:
    """A file that browsers keep under this name."""
    return Response(data, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
