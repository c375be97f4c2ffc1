"""Who did what, written in the transaction of the deed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from callcenter.access.tables import AuditEntry
from callcenter.db.engine import WriteSession
from callcenter.ids import new_id


def record(
    session: WriteSession, at: datetime, account_id: str | None, action: str, subject: str, **detail: Any
) -> None:
    """Add one entry. ``detail`` must be JSON and never holds secrets."""
    session.add(AuditEntry(id=new_id(), at=at, account_id=account_id, action=action, subject=subject, detail=detail))
