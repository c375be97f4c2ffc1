"""What agents do now and did before.

Facts carry no foreign key to accounts: a fact is written whatever has become of the account.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
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


class Wait(Base):
    """A wait that is over, with its story: what :mod:`callcenter.acd.explain` tells it from."""

    __tablename__ = "waits"

    call_id: Mapped[str] = mapped_column(HexId, primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(primary_key=True)
    """A call that was transferred has waited more than once."""
    since: Mapped[datetime]
    queue: Mapped[Code]
    """Where it first entered."""
    story: Mapped[dict[str, Any]]


class RoutingDecision(Base):
    """Why an agent got a call: candidates, exclusions and reason, as they were at that moment."""

    __tablename__ = "routing_decisions"
    __table_args__ = (
        Index("ix_routing_decisions_queue_at", "queue", "at"),
        Index("ix_routing_decisions_agent_id_at", "agent_id", "at"),
    )

    offer_id: Mapped[Code] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(HexId, index=True)
    agent_id: Mapped[str] = mapped_column(HexId)
    queue: Mapped[Code]
    at: Mapped[datetime] = mapped_column(index=True)
    decision: Mapped[dict[str, Any]]
