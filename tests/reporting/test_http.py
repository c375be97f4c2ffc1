"""Reports over HTTP: who sees what, and the sheets."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from urllib.parse import urlencode

from openpyxl import load_workbook
from sqlalchemy import update

from callcenter.access.roles import Role
from callcenter.access.tables import Account
from callcenter.reporting.definitions import document
from tests.house import House
from tests.reporting.past import MENU, call, ring, states, talk, wait

DAY = {"from": "2026-03-01T16:00:00Z", "to": "2026-03-02T16:00:00Z"}
FIGURES = "/api/v1/reports/figures"


def asked(**more: str) -> str:
    return urlencode(DAY | more)


async def test_a_report_names_its_rows_and_its_total(house: House) -> None:
    await call(house.db, MENU, wait(10), ring(5), talk(60), at=8 * 3600)
    await call(house.db, MENU, wait(40), at=8 * 3600)
    lead, _ = await house.signed_in(Role.LEAD)
    told = (await lead.get(f"{FIGURES}?{asked(by='queue', interval='hour')}")).json()
    (line,) = told["lines"]
    assert (line["key"], line["title"], line["at"]) == ("general", "人工服务", "2026-03-02T00:00:00Z")
    assert (line["figures"]["service_level"], told["total"]["offered"], "calls" in told["columns"]) == (0.5, 2, False)
    grid = (await lead.get(f"/api/v1/reports/arrivals?{asked()}")).json()["grid"]
    assert (grid[0][8], sum(map(sum, grid))) == (2, 2)
    refused = await lead.get(f"{FIGURES}?{asked(interval='15m').replace('03-02T16', '07-02T16')}")
    assert (refused.status_code, refused.json()["error"]["details"]["reason"]) == (422, "range_too_long")


async def test_operations_see_the_houses_figures_and_no_persons(house: House) -> None:
    ops, _ = await house.signed_in(Role.OPS)
    assert (await ops.get(f"{FIGURES}?{asked(by='queue')}")).status_code == 200
    for mine in ({"by": "agent"}, {"by": "outcome"}, {"agent": "0" * 32}):
        for path in (FIGURES, f"{FIGURES}.csv", "/api/v1/reports/arrivals"):
            assert (await ops.get(f"{path}?{asked(**mine)}")).status_code == 403


async def test_sheets_hold_what_the_page_shows_and_run_nothing(house: House) -> None:
    agent = await house.account(Role.AGENT, extension="1001")
    async with house.db.write() as session:
        await session.execute(update(Account).where(Account.id == agent).values(display_name="=Cmd"))
    await call(house.db, MENU, wait(10), ring(5, agent), talk(60, agent), at=100)
    await states(house.db, agent, ("ready", 0, 115), ("talking", 115, 175))
    lead, _ = await house.signed_in(Role.LEAD)
    got = await lead.get(f"{FIGURES}.csv?{asked(by='agent', language='en')}")
    head, row, last = list(csv.reader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert (head[0], row[0], last[0]) == ("Agent", "'=Cmd 1001", "Total")
    told = dict(zip(head, row, strict=True))
    assert (told["Staffed (s)"], told["Occupancy"], told["Rating"]) == ("175", "0.3429", "")
    book = load_workbook(io.BytesIO((await lead.get(f"{FIGURES}.xlsx?{asked(by='agent')}")).content))
    rows = [[cell.value for cell in line] for line in book.worksheets[0].iter_rows()]
    assert any(line[0] == "'=Cmd 1001" for line in rows)
    assert [cell.data_type for line in book.worksheets[0].iter_rows() for cell in line].count("f") == 0
    assert any("占用率" in str(line[0].value) for line in book["指标口径"].iter_rows())


def test_the_document_says_what_the_pages_say() -> None:
    there = Path(__file__).parents[2] / "docs" / "figures.md"
    assert there.read_text(encoding="utf-8") == document(), (
        "python -m callcenter.reporting.definitions > docs/figures.md"
    )
