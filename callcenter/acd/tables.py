"""What agents do now and did before, and callers waiting to be called back.

Facts carry no foreign key to accounts: a fact is written whatever has become of the account.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code, HexId


class AgentStateRow(Base):
    """Each agent's present state, as the desk last told it."""

    __tablename__ = "agent_states"

    account_id: Mapped[str] = mapped_column(HexId, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[Code]
    reason: Mapped[Code] = mapped_column(server_default="")
    cause: Mapped[Code] = mapped_column(server_default="")
    epoch: Mapped[int]
    since: Mapped[datetime]
    call_id: Mapped[str | None] = mapped_column(HexId)
    until: Mapped[datetime | None]
    pending: Mapped[Code] = mapped_column(server_default="")
    """``break:meal``, ``offline`` or empty."""
    by: Mapped[str] = mapped_column(server_default="")
    """Which supervisor forced this state."""
    desk: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    """What else the desk must know to go on with this agent; see :mod:`callcenter.acd.statelog`."""


class AgentStateLog(Base):
    """Each stretch of time an agent spent in a state; the open one has no end."""

    __tablename__ = "agent_state_log"
    __table_args__ = (
        UniqueConstraint("account_id", "started_at", "epoch"),
        Index("ix_agent_state_log_open", "account_id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_agent_state_log_account_id_started_at", "account_id", "started_at"),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    account_id: Mapped[str] = mapped_column(HexId)
    state: Mapped[Code]
    reason: Mapped[Code] = mapped_column(server_default="")
    cause: Mapped[Code] = mapped_column(server_default="")
    epoch: Mapped[int]
    by: Mapped[str] = mapped_column(server_default="")
    """Which supervisor forced it."""
    call_id: Mapped[str | None] = mapped_column(HexId)
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class Callback(Base):
    """A caller who keeps their place and is called back."""

    __tablename__ = "callbacks"
    __table_args__ = (
        CheckConstraint("state IN ('waiting','dialling','done','failed','cancelled')", name="state"),
        Index("ix_callbacks_waiting", "queue", "requested_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    contact_id: Mapped[str | None] = mapped_column(HexId, index=True)
    """The call in which it was asked for."""
    number: Mapped[Code]
    queue: Mapped[Code]
    priority: Mapped[int] = mapped_column(server_default="5")
    requested_at: Mapped[datetime]
    state: Mapped[Code] = mapped_column(server_default="waiting")
    attempts: Mapped[int] = mapped_column(server_default="0")
    last_attempt_at: Mapped[datetime | None]
