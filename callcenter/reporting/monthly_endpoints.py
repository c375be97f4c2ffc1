"""Monthly service reports over HTTP: the list, one to read or to print, the same as a sheet."""

from __future__ import annotations

import asyncio
import re
from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from callcenter.access import audit
from callcenter.access.guard import LeadOrAbove
from callcenter.context import ServicesDep
from callcenter.reporting import monthly
from callcenter.reporting.endpoints import XLSX, download
from callcenter.reporting.room import Room
from callcenter.reporting.sheets import Language, to_xlsx
from callcenter.reporting.tables import MonthlyReport

router = APIRouter(prefix="/api/v1/reports/monthly", tags=["reports"])
_MONTH: Final = r"^20\d{2}-(0[1-9]|1[0-2])$"
Month = Annotated[str, Path(pattern=_MONTH)]
Department = Annotated[str, Query(max_length=64)]


class MonthlyLine(BaseModel):
    """``month``: like 2026-11; ``department`` empty: the house; ``calls``: offered, or outcomes routed there.

    ``department_en``: what it is called in English now; as ``department`` where it has no such title.
    """

    month: str
    department: str
    department_en: str
    made_at: datetime
    calls: int


class MonthlyOut(MonthlyLine):
    """``tables``: title, group of definitions, heads, columns (codes of figures) and rows, the total last."""

    tables: list[dict[str, Any]]


class MonthIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    month: str = Field(pattern=_MONTH)


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


@router.get("")
async def listed(_: LeadOrAbove, made: Room) -> list[MonthlyLine]:
    """Newest first, the house's before its departments'."""
    columns = (MonthlyReport.month, MonthlyReport.department, MonthlyReport.made_at, MonthlyReport.calls)
    query = select(*columns).order_by(MonthlyReport.month.desc(), MonthlyReport.department)
    async with made.database.read() as session:
        rows = (await session.execute(query)).all()
        english = await monthly.english_names(session)
    return [
        MonthlyLine(
            month=f"{month:%Y-%m}",
            department=department,
            department_en=english.get(department, department),
            made_at=at,
            calls=calls,
        )
        for month, department, at, calls in rows
    ]


@router.post("")
async def make(body: MonthIn, who: LeadOrAbove, made: Room, services: ServicesDep) -> list[str]:
    """Make the reports of a month that is over, in the place of those that are there; whose they are."""
    departments = await monthly.make(made, _first(body.month), anew=True)
    async with made.database.write() as session:
        audit.record(session, services.clock.now(), who.account_id, "report.made", body.month, count=len(departments))
    return departments


@router.get("/{month}.xlsx", response_class=Response)
async def sheet(
    month: Month, _: LeadOrAbove, made: Room, department: Department = monthly.HOUSE, language: Language = "zh-CN"
) -> Response:
    """As a workbook: a sheet for each table, and the definitions."""
    async with made.database.read() as session:
        row = await monthly.found(session, _first(month), department)
        english = await monthly.english_names(session) if language == "en" else {}
    about = [
        f"{('服务月报', 'Monthly service report')[language == 'en']} {month}",
        *([english.get(department, department)] if department else []),
    ]
    data = await asyncio.to_thread(to_xlsx, about, monthly.tables(row.content, language), language)
    ascii_name = re.sub(r"[^A-Za-z0-9_-]+", "", department)
    return download(data, f"service-{month}{'-' + ascii_name if ascii_name else ''}.xlsx", XLSX)


@router.get("/{month}")
async def read(
    month: Month, _: LeadOrAbove, made: Room, department: Department = monthly.HOUSE, language: Language = "zh-CN"
) -> MonthlyOut:
    """One report as it was made."""
    async with made.database.read() as session:
        row = await monthly.found(session, _first(month), department)
        english = await monthly.english_names(session)
    return MonthlyOut(
        month=month,
        department=department,
        department_en=english.get(department, department),
        made_at=row.made_at,
        calls=row.calls,
        tables=row.content[language],
    )
