"""Who is told when cases stand still, who has been told, and what other systems are to be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.access.tables import Account
from callcenter.cases.tables import Case, CaseKind
from callcenter.db.base import Base, Code, HexId


class EscalationLevel(Base):
    __tablename__ = "escalation_levels"
    __table_args__ = (
        CheckConstraint("trigger IN ('reply','resolve')", name="trigger"),
        CheckConstraint("after_minutes > 0", name="after_minutes"),
    )

    kind: Mapped[Code] = mapped_column(ForeignKey(CaseKind.code, ondelete="CASCADE"), primary_key=True)
    trigger: Mapped[Code] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    after_minutes: Mapped[int]
    people: Mapped[list[Any]]
    """Accounts."""


class CaseEscalation(Base):
    """A level has spoken about a case; ``opening`` counts how often it was reopened. The key is what makes it once."""

    __tablename__ = "case_escalations"

    number: Mapped[int] = mapped_column(BigInteger, ForeignKey(Case.number, ondelete="CASCADE"), primary_key=True)
    opening: Mapped[int] = mapped_column(primary_key=True)
    trigger: Mapped[Code] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class CaseNotice(Base):
    """Somebody is to see that a case stands still."""

    __tablename__ = "case_notices"
    __table_args__ = (Index("ix_case_notices_unseen", "account_id", postgresql_where=sql("seen_at IS NULL")),)

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    account_id: Mapped[str] = mapped_column(HexId, ForeignKey(Account.id, ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(BigInteger, ForeignKey(Case.number, ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    trigger: Mapped[Code]
    level: Mapped[int]
    after_minutes: Mapped[int]
    seen_at: Mapped[datetime | None]


class WebhookDelivery(Base):
    """What another system is to be told: written with the deed itself, sent until it is taken."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index("ix_webhook_deliveries_due", "next_at", postgresql_where=sql("done_at IS NULL")),)

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    at: Mapped[datetime]
    event: Mapped[Code]
    body: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    """Taken, or given up (``error`` says why)."""
    error: Mapped[str] = mapped_column(server_default="")
