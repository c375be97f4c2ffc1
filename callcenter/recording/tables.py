"""Recordings of calls. No foreign key to contacts: audio is kept even when
the contact's row is late or lost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code, HexId


class Recording(Base):
    __tablename__ = "recordings"
    __table_args__ = (
        CheckConstraint("state IN ('capturing','sealing','sealed','failed','empty')", name="state"),
        Index("ix_recordings_unsealed", "started_at", postgresql_where=text("state IN ('capturing','sealing')")),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    contact_id: Mapped[str] = mapped_column(HexId, index=True)
    path: Mapped[str] = mapped_column(unique=True)
    """Relative to the recordings folder: ``YYYY/MM/DD/….wav``."""
    state: Mapped[Code] = mapped_column(server_default="capturing")
    started_at: Mapped[datetime] = mapped_column(index=True)
    duration_ms: Mapped[int | None]
    channels: Mapped[int | None]
    sample_rate: Mapped[int | None]
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[Code | None]
    sealed_at: Mapped[datetime | None]
    node: Mapped[Code] = mapped_column(server_default="")
    error: Mapped[str | None]
    """Why it failed."""
