"""Rosters as sheets: a line for each agent, a column for each day, shift codes in the cells (several with ``+``).

CSV and XLSX have the same shape. Whoever edits one in a spreadsheet may also write a shift's title.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from callcenter.cells import harmless
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
        rows.append([person.extension, harmless(person.name), *own])
    return rows


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
    for title in sheet[1]:
        title.font = Font(bold=True)
    for column, text in enumerate(rows[0][2:], start=3):
        letter = sheet.cell(1, column).column_letter
        sheet.column_dimensions[letter].width = 11
        weekend = date.fromisoformat(text).weekday() >= 5
        for line in range(1, len(rows) + 1):
            place = sheet.cell(line, column)
            place.alignment = Alignment(horizontal="center")
            if weekend:
                place.fill = PatternFill("solid", start_color=_WEEKEND)
    sheet.freeze_panes = "C2"
    legend = book.create_sheet("班次")
    for code, title in titles.items():
        legend.append([code, title])
    for formula in (one for page in book for row in page for one in row if one.data_type == "f"):
        formula.data_type = "s"  # a shift's title that begins with = is a title
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _refused(zh: str, en: str) -> BadRequest:
    """A file that cannot be read at all, in both languages."""
    return BadRequest(en, details={"problems": [{"zh": zh, "en": en}]})


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
        raise _refused(
            "既不是 XLSX，也不是 UTF-8 或 GB 18030 文本", "the file is neither XLSX nor text in UTF-8 or GB 18030"
        )
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error as error:
        raise _refused("不是 CSV 文件", f"the file is not CSV: {error}") from error
    return _bounded(rows)


def _read_xlsx(data: bytes) -> list[list[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _MOST_UNPACKED:
                raise _refused("文件过大，不像班表", "the file is larger than any roster")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [
            [_text(cell) for cell in row]
            for row in sheet.iter_rows(max_row=_MOST_ROWS + 1, max_col=_MOST_COLUMNS + 1, values_only=True)
        ]
        book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise _refused("不是可读的 XLSX 文件", "the file is not a readable XLSX workbook") from error
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
        raise _refused(
            f"班表最多 {_MOST_ROWS} 行、{_MOST_COLUMNS} 列",
            f"a roster has at most {_MOST_ROWS} lines and {_MOST_COLUMNS} columns",
        )
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a sheet says. ``cells``: where each of ``shifts`` stands, as spreadsheets name it (``D3``)."""

    shifts: list[Assignment]
    cells: list[str]
    days: list[date]
    agents: set[str]


def cell(line: int, column: int) -> str:
    """``line`` from 1, ``column`` from 0: (3, 3) is ``D3``."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{line}"


def parse(rows: Sequence[Sequence[str]], people: Mapping[str, Person], kinds: Mapping[str, ShiftKind]) -> Sheet:
    """Raises BadRequest with everything that cannot be understood, by cell as the spreadsheet names it."""
    wrong: list[dict[str, str]] = []

    def say(zh: str, en: str) -> None:
        wrong.append({"zh": zh, "en": en})

    if not rows or not rows[0]:
        raise _refused("文件是空的", "the file is empty")
    columns: dict[int, date] = {}
    for n, text in enumerate(rows[0]):
        found = _DAY.match(text)
        if found is None:
            if n >= 2 and text:
                say(
                    f"{cell(1, n)}：“{text}”不是 2026-03-02 这样的日期",
                    f"{cell(1, n)}: {text!r} is not a date like 2026-03-02",
                )
            continue
        try:
            columns[n] = date(*map(int, found.groups()))
        except ValueError:
            say(f"{cell(1, n)}：没有 {text} 这一天", f"{cell(1, n)}: there is no day {text}")
    if not columns and not wrong:
        say(
            "第 1 行没有日期；第一行应为 工号、姓名，然后是 2026-03-02 这样的日期",
            "line 1: no dates; the first line has 工号, 姓名 and then days like 2026-03-02",
        )
    if len(set(columns.values())) < len(columns):
        say("第 1 行有重复的日期", "line 1: a day comes twice")
    by_number = {person.extension: person.agent_id for person in people.values()}
    codes = {code.lower(): code for code in kinds}
    for kind in kinds.values():
        codes |= {kind.title.lower(): kind.code} | ({kind.title_en.lower(): kind.code} if kind.title_en else {})
    roster: list[Assignment] = []
    cells: list[str] = []
    agents: set[str] = set()
    for line, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        agent_id = by_number.get(row[0])
        if agent_id is None:
            say(f"A{line}：没有工号为“{row[0]}”的坐席", f"A{line}: there is no agent with number {row[0]!r}")
        elif agent_id in agents:
            say(f"A{line}：坐席 {row[0]} 重复", f"A{line}: agent {row[0]} comes twice")
        else:
            agents.add(agent_id)
        for n, day in columns.items():
            for text in filter(None, (part.strip() for part in (row[n] if n < len(row) else "").split("+"))):
                code = codes.get(text.lower())
                if code is None:
                    known = ", ".join(kinds)
                    say(
                        f"{cell(line, n)}（{day}）：没有班次“{text}”；已有：{known}",
                        f"{cell(line, n)} ({day}): there is no shift {text!r}; there are {known}",
                    )
                elif agent_id is not None:
                    roster.append(Assignment(agent_id=agent_id, day=day, shift=code))
                    cells.append(cell(line, n))
    if wrong:
        more = f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise BadRequest("; ".join(one["en"] for one in wrong[:5]) + more, details={"problems": wrong[:200]})
    return Sheet(shifts=roster, cells=cells, days=sorted(columns.values()), agents=agents)
