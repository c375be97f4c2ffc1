"""Reports as sheets, CSV and XLSX: the figures as they are on the page, and on a sheet of their own what they mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from callcenter.cells import harmless
from callcenter.reporting.definitions import RULES, Definition, Unit

Language = Literal["zh-CN", "en"]
Cell = str | float | int | None
_FORMATS: Final = {
    Unit.SHARE: "0.0%",
    Unit.SECONDS: "[m]:ss",
    Unit.SPAN: "[h]:mm:ss",
    Unit.SCORE: "0.00",
    Unit.COUNT: "0",
}
_TIMES: Final = frozenset({Unit.SECONDS, Unit.SPAN})
_MOST_IN_A_NAME: Final = 31
"""Characters that a sheet's name may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """``rows``: what they are of, then a value for each of ``columns``; the last row may be the total."""

    title: str
    heads: Sequence[str]
    """Of what comes before the figures: time, queue …"""
    columns: Sequence[Definition]
    rows: Sequence[tuple[Sequence[str], Sequence[Cell]]]


def _titled(one: Definition, language: Language) -> str:
    return one.title_en if language == "en" else one.title


def to_csv(table: Table, language: Language) -> bytes:
    """UTF-8 with a byte order mark. Shares from 0 to 1, times in seconds: for programs rather than readers."""
    out = io.StringIO()
    writer = csv.writer(out)
    unit = {Unit.SECONDS: " (s)", Unit.SPAN: " (s)"}
    writer.writerow([*table.heads, *(_titled(one, language) + unit.get(one.unit, "") for one in table.columns)])
    for heads, values in table.rows:
        writer.writerow([*map(harmless, heads), *("" if value is None else value for value in values)])
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(about: Sequence[str], tables: Sequence[Table], language: Language) -> bytes:
    """A sheet for each table, and the definitions; ``about``: lines that stand above the first table."""
    # Read when first needed: the service must be back within two seconds of its start.
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    book.remove(book.active)
    for number, table in enumerate(tables):
        sheet = book.create_sheet(table.title[:_MOST_IN_A_NAME])
        above = list(about) if number == 0 else []
        for line in above:
            sheet.append([harmless(line)])
        if above:
            sheet["A1"].font = Font(bold=True, size=14)
            sheet.append([])
        sheet.append([*table.heads, *(_titled(one, language) for one in table.columns)])
        head = sheet.max_row
        for cell in sheet[head]:
            cell.font = Font(bold=True)
            cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        for heads, values in table.rows:
            sheet.append(
                [
                    *map(harmless, heads),
                    *(
                        "—" if value is None else timedelta(seconds=float(value)) if one.unit in _TIMES else value
                        for one, value in zip(table.columns, values, strict=True)
                    ),
                ]
            )
            for column, one in enumerate(table.columns, start=len(table.heads) + 1):
                cell = sheet.cell(sheet.max_row, column)
                cell.number_format = _FORMATS[one.unit]
                cell.alignment = Alignment(horizontal="right")
        for column in range(1, len(table.heads) + 1):
            sheet.column_dimensions[sheet.cell(head, column).column_letter].width = 22
        sheet.freeze_panes = sheet.cell(head + 1, len(table.heads) + 1)
    _define(book.create_sheet("Definitions" if language == "en" else "指标口径"), tables, language)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _define(sheet: object, tables: Sequence[Table], language: Language) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.worksheet import Worksheet

    assert isinstance(sheet, Worksheet)
    for title, title_en, means, means_en in RULES:
        sheet.append([title_en, means_en] if language == "en" else [title, means])
    said = dict.fromkeys(one for table in tables for one in table.columns)
    for one in said:
        sheet.append([_titled(one, language), one.means_en if language == "en" else one.means])
    sheet.column_dimensions["A"].width = 20
    sheet.column_dimensions["B"].width = 100
    for row in sheet.iter_rows():
        row[0].font = Font(bold=True)
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
