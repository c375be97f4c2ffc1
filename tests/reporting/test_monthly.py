"""The month's service reports: made once when the month is over, kept as they were made."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook

from callcenter.access.roles import Role
from callcenter.business.tables import Outcome
from callcenter.cases.tables import Case
from callcenter.ids import new_id
from callcenter.reporting.monthly import MonthlyReports, last_month, next_month
from tests.house import House
from tests.reporting.past import ANNA, MENU, NOON, call, ring, talk, wait

MONTHLY = "/api/v1/reports/monthly"


async def outcome(house: House, contact: str, department: str | None) -> None:
    made = Outcome(
        id=new_id(), contact_id=contact, agent_id=ANNA, disposition="complaint", department=department,
        created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    async with house.db.write() as session:
        session.add(made)
        await session.flush()
        if department:
            times = dict.fromkeys(("opened_at", "since", "reply_due_at", "due_at", "updated_at"), NOON)
            session.add(Case(outcome_id=made.id, updated_by=ANNA, **times))


async def test_last_months_reports_are_made_once_on_the_first(house: House) -> None:
    made = MonthlyReports(house.app.state.reports)
    for department in ("售后", None):
        await outcome(house, await call(house.db, MENU, wait(10), ring(5), talk(60), at=100), department)
    house.clock.at = datetime(2026, 3, 31, 17, 59, tzinfo=UTC)  # not yet two o'clock of the first
    assert await made.make_due() == []
    house.clock.at = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)
    assert await made.make_due() == ["", "售后"]
    await call(house.db, MENU, wait(10), at=200)  # came too late
    assert await made.make_due() == []

    lead, _ = await house.signed_in(Role.LEAD)
    listed = (await lead.get(MONTHLY)).json()
    assert [(one["month"], one["department"], one["calls"]) for one in listed] == [
        ("2026-03", "", 2),
        ("2026-03", "售后", 1),
    ]
    told = (await lead.get(f"{MONTHLY}/2026-03")).json()
    overview = told["tables"][0]
    assert overview["rows"][-1]["values"][overview["columns"].index("answered")] == 2
    assert [table["title"] for table in told["tables"]] == [
        "总览", "按天", "按队列", "按热线", "按坐席", "按处理结果", "按部门",
    ]  # fmt: skip
    theirs = (await lead.get(f"{MONTHLY}/2026-03", params={"department": "售后", "language": "en"})).json()
    assert theirs["department_en"] == "After-sales"
    assert theirs["tables"][-1]["rows"][0] == {"heads": ["After-sales"], "values": [1, 1, 0, 0.0]}
    assert told["tables"][-1]["rows"][0]["heads"] == ["售后"]
    book = load_workbook(io.BytesIO((await lead.get(f"{MONTHLY}/2026-03.xlsx", params={"language": "en"})).content))
    assert book.sheetnames[:2] == ["Overview", "By day"]

    again = await lead.post(MONTHLY, json={"month": "2026-03"})
    assert (again.status_code, again.json()) == (200, ["", "售后"])
    assert (await lead.get(MONTHLY)).json()[0]["calls"] == 3
    early = await lead.post(MONTHLY, json={"month": "2026-04"})
    assert (early.status_code, early.json()["error"]["details"]["reason"]) == (422, "not_over")
    assert (await lead.get(f"{MONTHLY}/2026-02")).status_code == 404


@pytest.mark.parametrize(
    ("day", "before"), [(date(2026, 1, 1), date(2025, 12, 1)), (date(2026, 3, 31), date(2026, 2, 1))]
)
def test_the_month_before(day: date, before: date) -> None:
    assert last_month(day) == before
    assert next_month(before) == date(day.year, day.month, 1)
