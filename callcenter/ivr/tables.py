"""Versions of the flows: whole sets of files, so that going back is one action."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
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
