"""Accounts, what agents serve, sessions, failed log-ins and the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code, HexId


class Account(Base):
    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("role IN ('agent','lead','supervisor','ops','admin','department')", name="role"),
        CheckConstraint("seat_kind IN ('browser','desk_phone')", name="seat_kind"),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    login: Mapped[Code] = mapped_column(unique=True)
    """Lower case."""
    display_name: Mapped[str]
    role: Mapped[Code]
    password_hash: Mapped[str]
    language: Mapped[Code] = mapped_column(server_default="zh-CN")
    active: Mapped[bool] = mapped_column(server_default=true())
    extension: Mapped[Code | None] = mapped_column(unique=True)
    """Set for whoever takes calls."""
    seat_kind: Mapped[Code] = mapped_column(server_default="browser")
    wrap_up_s: Mapped[float | None]
    drill: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime]


class AgentQueue(Base):
    __tablename__ = "agent_queues"
    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 9", name="level"),)

    account_id: Mapped[str] = mapped_column(HexId, ForeignKey(Account.id, ondelete="CASCADE"), primary_key=True)
    queue: Mapped[Code] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(server_default="1")
    """1 (best) … 9."""


class AgentSkill(Base):
    __tablename__ = "agent_skills"
    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 10", name="level"),)

    account_id: Mapped[str] = mapped_column(HexId, ForeignKey(Account.id, ondelete="CASCADE"), primary_key=True)
    skill: Mapped[Code] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(server_default="1")
    """1 … 10 (best)."""


class SessionRow(Base):
    """A browser's session or a machine's token. Only the SHA-256 of the secret is kept."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("kind IN ('cookie','bearer')", name="kind"),
        CheckConstraint("role IN ('agent','lead','supervisor','ops','admin','department')", name="role"),
    )

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(HexId, unique=True)
    """How the session is named to people, logs and sockets."""
    account_id: Mapped[str] = mapped_column(HexId, ForeignKey(Account.id, ondelete="CASCADE"), index=True)
    kind: Mapped[Code]
    role: Mapped[Code | None]
    """What a machine's token may do; null: as its account."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    last_seen_at: Mapped[datetime]
    user_agent: Mapped[str] = mapped_column(server_default="")
    label: Mapped[str] = mapped_column(server_default="")


class LoginFailure(Base):
    """Wrong passwords, counted for each login and address together. Rows are dropped when they are old."""

    __tablename__ = "login_failures"

    login: Mapped[Code] = mapped_column(primary_key=True)
    address: Mapped[Code] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)


class AuditEntry(Base):
    """Who did what to whom. Written in the transaction of the deed itself."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_subject_at", "subject", "at"),
        Index("ix_audit_listed", "at", "id"),
        Index("ix_audit_person", "account_id", "at", "id"),
        Index("ix_audit_group", text("split_part(action, '.', 1)"), "at", "id"),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[str | None] = mapped_column(HexId)
    """Null: nobody was signed in (the command line, the service itself)."""
    action: Mapped[Code]
    """One of :data:`callcenter.access.deeds.Deed`."""
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
