"""Customers and what came of each conversation with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code, HexId

PARTS_OF_NAME: Final = "parts_of((name || ' '::text) || company, 1, 2)"
"""Every one and two characters of name and company, in small letters, as an array (migration 0039); indexed."""
PARTS_OF_NUMBER: Final = "parts_of(number, 3, 3)"


class Customer(Base):
    __tablename__ = "customers"
    __table_args__ = (Index("ix_customers_parts", text(PARTS_OF_NAME), postgresql_using="gin"),)

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    name: Mapped[str]
    company: Mapped[str] = mapped_column(server_default="")
    vip: Mapped[bool] = mapped_column(server_default=false())
    language: Mapped[Code] = mapped_column(server_default="zh-CN")
    notes: Mapped[str] = mapped_column(server_default="")
    owner_account_id: Mapped[str | None] = mapped_column(HexId)
    customer_since: Mapped[date | None] = mapped_column(Date)
    """Null: since the record was made. Return visits are counted from it."""
    no_calls: Mapped[bool] = mapped_column(server_default=false())
    """They want no calls from us."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CustomerPhone(Base):
    """A number belongs to one customer, so that a screen-pop never has to choose."""

    __tablename__ = "customer_phones"
    __table_args__ = (Index("ix_customer_phones_parts", text(PARTS_OF_NUMBER), postgresql_using="gin"),)

    number: Mapped[Code] = mapped_column(primary_key=True)
    """As ``business.numbers.normalise`` gives it: E.164, or the digits of a short number."""
    customer_id: Mapped[str] = mapped_column(HexId, ForeignKey(Customer.id, ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(server_default="")


class Disposition(Base):
    """How a conversation can have ended, to be chosen from."""

    __tablename__ = "dispositions"

    code: Mapped[Code] = mapped_column(primary_key=True)
    title: Mapped[str]
    title_en: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=true())
    position: Mapped[int]


class BreakReason(Base):
    __tablename__ = "break_reasons"
    __table_args__ = (CheckConstraint("allowance_minutes > 0", name="allowance_minutes"),)

    code: Mapped[Code] = mapped_column(primary_key=True)
    title: Mapped[str]
    title_en: Mapped[str]
    allowance_minutes: Mapped[int | None]
    """Minutes a shift; null: no limit."""
    active: Mapped[bool] = mapped_column(server_default=true())
    position: Mapped[int]


class Outcome(Base):
    """What an agent wrote about their part of a call; one for each agent of the call."""

    __tablename__ = "outcomes"
    __table_args__ = (UniqueConstraint("contact_id", "agent_id"),)

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    contact_id: Mapped[str] = mapped_column(HexId, ForeignKey("contacts.id", ondelete="CASCADE"))
    agent_id: Mapped[str] = mapped_column(HexId, index=True)
    disposition: Mapped[Code] = mapped_column(ForeignKey(Disposition.code), index=True)
    note: Mapped[str] = mapped_column(server_default="")
    department: Mapped[Code | None]
    """Who must act now."""
    created_at: Mapped[datetime] = mapped_column(index=True)
    updated_at: Mapped[datetime]
