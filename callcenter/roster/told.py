"""What the audit is told of the roster: whose shift, on which day, which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from callcenter.roster.coverage import Minimum
from callcenter.roster.tables import AbsenceRow, AssignmentRow

MOST_TOLD: Final = 50
"""Of many shifts that are set at once, the audit names so many and counts all."""


def shift_facts(row: AssignmentRow) -> dict[str, Any]:
    return {"agent": row.account_id, "day": row.day.isoformat(), "shift": row.shift}


def shifts_facts(rows: Sequence[AssignmentRow]) -> dict[str, Any]:
    """One is told by itself."""
    if len(rows) == 1:
        return shift_facts(rows[0])
    return {"count": len(rows), "shifts": [shift_facts(row) for row in rows[:MOST_TOLD]]}


def absence_facts(row: AbsenceRow) -> dict[str, Any]:
    days = {"first_day": row.first_day.isoformat(), "last_day": row.last_day.isoformat()}
    return {"agent": row.account_id, "kind": row.kind, **days, **({"shift": row.shift} if row.shift else {})}


def minimum_facts(minimums: Sequence[Minimum]) -> dict[str, Any]:
    lines = [
        f"{one.begins:%H:%M}–{one.ends:%H:%M} ≥ {one.need}"
        + (f" {one.queue}" if one.queue else "")
        + (f" {one.skill} ≥ {one.level}" if one.skill else "")
        for one in minimums
    ]
    return {"minimums": sorted(lines)}
