"""Cases, what they are judged by, and everything that happened to each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, true
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.access.tables import Account
from callcenter.business.tables import Customer, Outcome
from callcenter.db.base import Base, Code, HexId

_UNDONE = "state NOT IN ('resolved','closed')"


class Department(Base):
    """Who can have to act on a case."""

    __tablename__ = "departments"

    code: Mapped[Code] = mapped_column(primary_key=True)
    title: Mapped[str]
    title_en: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=true())
    position: Mapped[int]


class DepartmentMember(Base):
    __tablename__ = "department_members"

    department: Mapped[Code] = mapped_column(ForeignKey(Department.code, ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[str] = mapped_column(
        HexId, ForeignKey(Account.id, ondelete="CASCADE"), primary_key=True, index=True
    )


class CaseKind(Base):
    """How serious a case is: how soon somebody must have answered, and resolved it."""

    __tablename__ = "case_kinds"
    __table_args__ = (CheckConstraint("reply_minutes > 0 AND resolve_minutes > 0", name="minutes"),)

    code: Mapped[Code] = mapped_column(primary_key=True)
    title: Mapped[str]
    title_en: Mapped[str]
    reply_minutes: Mapped[int]
    resolve_minutes: Mapped[int]
    active: Mapped[bool] = mapped_column(server_default=true())
    position: Mapped[int]


class Case(Base):
    """Callers ask about it by its number; see ``cases.rules`` for how it goes on."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open','working','waiting_customer','waiting_department','resolved','closed')", name="state"
        ),
        Index("ix_cases_undone_owner", "owner_id", postgresql_where=sql(_UNDONE)),
        Index("ix_cases_undone_department", "department", postgresql_where=sql(_UNDONE)),
        Index("ix_cases_undone_due", "due_at", postgresql_where=sql(_UNDONE)),
        Index("ix_cases_customer_id", "customer_id"),
        Index("ix_cases_caller_number", "caller_number"),
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True, start=100001), primary_key=True)
    outcome_id: Mapped[str | None] = mapped_column(HexId, ForeignKey(Outcome.id, ondelete="SET NULL"), unique=True)
    """What it was opened with; null: by hand."""
    subject: Mapped[str] = mapped_column(server_default="")
    kind: Mapped[Code] = mapped_column(ForeignKey(CaseKind.code), server_default="inquiry")
    department: Mapped[Code | None] = mapped_column(ForeignKey(Department.code))
    """Who must act."""
    owner_id: Mapped[str | None] = mapped_column(HexId)
    """Who took it first, and answers for it until it is resolved."""
    customer_id: Mapped[str | None] = mapped_column(HexId, ForeignKey(Customer.id, ondelete="SET NULL"))
    caller_number: Mapped[Code] = mapped_column(server_default="")
    state: Mapped[Code] = mapped_column(server_default="open")
    opened_at: Mapped[datetime]
    since: Mapped[datetime]
    reply_due_at: Mapped[datetime]
    due_at: Mapped[datetime]
    replied_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    waited: Mapped[timedelta] = mapped_column(server_default=sql("'0'::interval"))
    """For the customer, before ``waiting_since``."""
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reopened: Mapped[int] = mapped_column(server_default="0")
    updated_at: Mapped[datetime]
    updated_by: Mapped[str] = mapped_column(HexId)
    version: Mapped[int] = mapped_column(server_default="1")
    """One more with each change: who changes what they did not see is told so."""


class CaseEntry(Base):
    """One thing that happened to a case. Added, and never changed."""

    __tablename__ = "case_history"
    __table_args__ = (Index("ix_case_history_number_at", "number", "at"),)

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, ForeignKey(Case.number, ondelete="CASCADE"))
    at: Mapped[datetime]
    account_id: Mapped[str | None] = mapped_column(HexId)
    """Null: the service itself."""
    what: Mapped[Code]
    """``opened``, ``comment``, ``call``, ``state``, ``owner``, ``department``, ``kind``, ``subject``, ``escalated``."""
    text: Mapped[str] = mapped_column(server_default="")
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    """Of a change: ``before`` and ``after``; of a call: ``contact_id``."""


class CaseContact(Base):
    """A call about a case."""

    __tablename__ = "case_contacts"

    number: Mapped[int] = mapped_column(BigInteger, ForeignKey(Case.number, ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[str] = mapped_column(
        HexId, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True, index=True
    )
