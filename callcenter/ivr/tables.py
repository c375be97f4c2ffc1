"""Versions of the flows: whole sets of files, so that going back is one action; and what their queues promised."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Double, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code


class FlowVersionRow(Base):
    """One set of flow files that was live once. Exactly one row is the live one."""

    __tablename__ = "flow_versions"
    __table_args__ = (
        UniqueConstraint("number"),
        Index("uq_flow_versions_active", "active", unique=True, postgresql_where=text("active")),
        Index("ix_flow_versions_version", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    number: Mapped[int]
    """Counts from 1 as people say it: version 7."""
    version: Mapped[Code]
    """The hash of the files' bytes, as calls carry it."""
    created_at: Mapped[datetime]
    author: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    files: Mapped[dict[str, Any]]
    """File name → text."""
    active: Mapped[bool] = mapped_column(server_default=text("false"))


class QueueTargetRow(Base):
    """A queue's service level from one instant on, until its next row. It is written when flows go live with another
    one; before a queue's first row that one holds."""

    __tablename__ = "queue_targets"

    queue: Mapped[Code] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    within_s: Mapped[float] = mapped_column(Double)
    """Seconds within which a call should be answered."""
