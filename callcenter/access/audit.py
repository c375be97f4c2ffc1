"""Who did what, written in the transaction of the deed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from callcenter.access.deeds import Deed
from callcenter.access.tables import AuditEntry
from callcenter.db.engine import WriteSession
from callcenter.ids import new_id


def record(
    session: WriteSession, at: datetime, account_id: str | None, action: Deed, subject: str, **detail: Any
) -> None:
    """Add one entry. ``detail`` must be JSON and never holds secrets. Some of its names mean the same everywhere:
    ``agent`` (to whom, where the subject is something of theirs), ``contact`` (in which call), ``changes`` (see
    :func:`changes`)."""
    session.add(AuditEntry(id=new_id(), at=at, account_id=account_id, action=action, subject=subject, detail=detail))


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Field → [before, after] of what differs; a field that only one has was, or is, nothing."""
    fields = [*before, *(field for field in after if field not in before)]
    return {field: [before.get(field), after.get(field)] for field in fields if before.get(field) != after.get(field)}
