"""Rosters as sheets: a line for each agent, a column for each day, shift codes in the cells (several with ``+``).

CSV and XLSX have the same shape. Whoever edits one in a spreadsheet may also write a shift's title.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from callcenter.errors import BadRequest
from callcenter.roster.repository import Person
from callcenter.roster.shifts import Assignment, ShiftKind

HEAD: Final = ("工号", "姓名")
_MOST_ROWS: Final = 2000
_MOST_COLUMNS: Final = 400
_MOST_UNPACKED: Final = 40 << 20
_DAY = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")
_WEEKEND = "F3F4F6"


def grid(people: Iterable[Person], roster: Iterable[Assignment], days: Sequence[date]) -> list[list[str]]:
    """Head line and one line for each agent."""
    cells: dict[tuple[str, date], list[str]] = {}
    for one in roster:
        cells.setdefault((one.agent_id, one.day), []).append(one.shift)
    rows = [[*HEAD, *(day.isoformat() for day in days)]]
    for person in people:
        own = ["+".join(cells.get((person.agent_id, day), ())) for day in days]
        rows.append([person.extension, _harmless(person.name), *own])
    return rows


def _harmless(text: str) -> str:
    """A name that a spreadsheet would take for a formula is only shown."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def to_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need to show Chinese."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(rows: Sequence[Sequence[str]], titles: Mapping[str, str]) -> bytes:
    """``titles``: shift code → what it is called, listed on a sheet of its own."""
    # Read when first needed: the service must be back within two seconds of its start.
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill

    book = Workbook()
    sheet = book.active
    sheet.title = "排班"
    for row in rows:
        sheet.append(list(row))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, text in enumerate(rows[0][2:], start=3):
        letter = sheet.cell(1, column).column_letter
        sheet.column_dimensions[letter].width = 11
        weekend = date.fromisoformat(text).weekday() >= 5
        for line in range(1, len(rows) + 1):
            cell = sheet.cell(line, column)
            cell.alignment = Alignment(horizontal="center")
            if weekend:
                cell.fill = PatternFill("solid", start_color=_WEEKEND)
    sheet.freeze_panes = "C2"
    legend = book.create_sheet("班次")
    for code, title in titles.items():
        legend.append([code, title])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes) -> list[list[str]]:
    """The cells of a CSV or XLSX file as texts. Raises BadRequest when it is neither."""
    return _read_xlsx(data) if data[:2] == b"PK" else _read_csv(data)


def _read_csv(data: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BadRequest("the file is neither XLSX nor text in UTF-8 or GB 18030")
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error as error:
        raise BadRequest(f"the file is not CSV: {error}") from error
    return _bounded(rows)


def _read_xlsx(data: bytes) -> list[list[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _MOST_UNPACKED:
                raise BadRequest("the file is larger than any roster")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [
            [_text(cell) for cell in row]
            for row in sheet.iter_rows(max_row=_MOST_ROWS + 1, max_col=_MOST_COLUMNS + 1, values_only=True)
        ]
        book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise BadRequest("the file is not a readable XLSX workbook") from error
    return _bounded(rows)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _bounded(rows: list[list[str]]) -> list[list[str]]:
    """Without the empty cells and lines that spreadsheets add at the ends."""
    rows = [row[: max((n for n, cell in enumerate(row, start=1) if cell), default=0)] for row in rows]
    while rows and not rows[-1]:
        rows.pop()
    if len(rows) > _MOST_ROWS or any(len(row) > _MOST_COLUMNS for row in rows):
        raise BadRequest(f"a roster has at most {_MOST_ROWS} lines and {_MOST_COLUMNS} columns")
    return rows


def parse(
    rows: Sequence[Sequence[str]], people: Mapping[str, Person], kinds: Mapping[str, ShiftKind]
) -> tuple[list[Assignment], list[date], set[str]]:
    """(shifts, days of the sheet, agents on it). Raises BadRequest with everything that cannot be understood,
    by line and column as the spreadsheet counts them."""
    wrong: list[str] = []
    if not rows or not rows[0]:
        raise BadRequest("the file is empty")
    columns: dict[int, date] = {}
    for n, text in enumerate(rows[0]):
        found = _DAY.match(text)
        if found is None:
            if n >= 2 and text:
                wrong.append(f"line 1, column {n + 1}: {text!r} is not a date like 2026-03-02")
            continue
        try:
            columns[n] = date(*map(int, found.groups()))
        except ValueError:
            wrong.append(f"line 1, column {n + 1}: there is no day {text}")
    if not columns and not wrong:
        wrong.append("line 1: no dates; the first line has 工号, 姓名 and then days like 2026-03-02")
    if len(set(columns.values())) < len(columns):
        wrong.append("line 1: a day comes twice")
    by_number = {person.extension: person.agent_id for person in people.values()}
    codes = {code.lower(): code for code in kinds}
    for kind in kinds.values():
        codes |= {kind.title.lower(): kind.code} | ({kind.title_en.lower(): kind.code} if kind.title_en else {})
    roster: list[Assignment] = []
    agents: set[str] = set()
    for line, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        agent_id = by_number.get(row[0])
        if agent_id is None:
            wrong.append(f"line {line}: there is no agent with number {row[0]!r}")
        elif agent_id in agents:
            wrong.append(f"line {line}: agent {row[0]} comes twice")
        else:
            agents.add(agent_id)
        for n, day in columns.items():
            for text in filter(None, (part.strip() for part in (row[n] if n < len(row) else "").split("+"))):
                code = codes.get(text.lower())
                if code is None:
                    wrong.append(f"line {line}, {day}: there is no shift {text!r}; there are {', '.join(kinds)}")
                elif agent_id is not None:
                    roster.append(Assignment(agent_id=agent_id, day=day, shift=code))
    if wrong:
        more = f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise BadRequest("; ".join(wrong[:5]) + more, details={"problems": [{"en": text} for text in wrong[:200]]})
    return roster, sorted(columns.values()), agents
