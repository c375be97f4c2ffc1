"""Call-backs: places in line without a line, kept until the customer is reached or the place is given up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code, HexId

OPEN = ("open", "dialling")
_OPEN = "state IN ('open','dialling')"


class CallbackRow(Base):
    """``id`` is the place's id at the desk."""

    __tablename__ = "callbacks"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open','dialling','reached','gave_up','hours_over','agent_ended','refused','cancelled')",
            name="state",
        ),
        CheckConstraint("purpose IN ('callback','return_visit')", name="purpose"),
        CheckConstraint("created_by IN ('caller','switch_lost','staff')", name="created_by"),
        # A caller who asks twice in one call has one place.
        Index("uq_callbacks_open_contact", "contact_id", unique=True, postgresql_where=text(_OPEN)),
        Index("ix_callbacks_open", "since", postgresql_where=text(_OPEN)),
        Index("ix_callbacks_created_at", "created_at"),
        Index("ix_callbacks_closed_at", "closed_at"),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    number: Mapped[Code]
    queue: Mapped[Code]
    since: Mapped[datetime]
    """When the wait began whose rank the place keeps."""
    priority: Mapped[int]
    hotline: Mapped[Code]
    language: Mapped[Code] = mapped_column(server_default="zh-CN")
    permitted: Mapped[list[Any]]
    """[begin, end] pairs, ISO 8601, in which it may be dialled."""
    attempts: Mapped[int] = mapped_column(server_default="0")
    """Attempts that have failed."""
    max_attempts: Mapped[int]
    pause_s: Mapped[int]
    state: Mapped[Code] = mapped_column(server_default="open")
    next_attempt_at: Mapped[datetime | None]
    last_result: Mapped[Code | None]
    contact_id: Mapped[str | None] = mapped_column(HexId)
    """The call in which it was asked for."""
    last_contact_id: Mapped[str | None] = mapped_column(HexId)
    """The last attempt's own call."""
    created_by: Mapped[Code]
    purpose: Mapped[Code] = mapped_column(server_default="callback")
    note: Mapped[str] = mapped_column(server_default="")
    """What is to be said, by who promised it."""
    agent_id: Mapped[str | None] = mapped_column(HexId)
    """Who promised it: goes before others when free."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[Code | None]
    """An account's id, or ``caller`` who called again."""
