"""Messages left by callers. No foreign key to contacts: a message is kept even when the contact's row is late."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code, HexId


class Message(Base):
    """``purpose``: ``voicemail`` asks for an answer, ``comment`` is what a caller added to a rating."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("purpose IN ('voicemail','comment')", name="purpose"),
        CheckConstraint("state IN ('new','heard','done')", name="state"),
        Index("ix_messages_recorded_at_id", "recorded_at", "id"),
        Index("ix_messages_new", "queue", postgresql_where=text("state = 'new'")),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    """Made from the recording's name, so that keeping it twice keeps it once."""
    contact_id: Mapped[str | None] = mapped_column(HexId, index=True)
    """The call; none for what the fallback recorded while the service was away."""
    purpose: Mapped[Code] = mapped_column(server_default="voicemail")
    caller_number: Mapped[Code] = mapped_column(server_default="", index=True)
    hotline: Mapped[Code] = mapped_column(server_default="")
    queue: Mapped[Code | None]
    """Whose it is: the queue that the caller waited in last. None: any agent's."""
    language: Mapped[Code] = mapped_column(server_default="zh-CN")
    drill: Mapped[bool] = mapped_column(server_default=false())
    path: Mapped[str] = mapped_column(unique=True)
    """Relative to the recordings folder: ``YYYY/MM/DD/message-….wav``, mono, 8 kHz, 16 bit."""
    recorded_at: Mapped[datetime]
    duration_ms: Mapped[int]
    bytes: Mapped[int]
    sha256: Mapped[Code]
    state: Mapped[Code] = mapped_column(server_default="new")
    heard_by: Mapped[str | None] = mapped_column(HexId)
    """The first who listened."""
    heard_at: Mapped[datetime | None]
    handled_by: Mapped[str | None] = mapped_column(HexId)
    handled_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(server_default="")
    """What came of it."""
