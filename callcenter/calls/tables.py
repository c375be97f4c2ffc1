"""A call as the business sees it (contact and segments), its journal, ratings and incidents.

The journal is written first and alone; contacts and segments are its projection. ``contacts.id`` is the
call id. Agents are named without foreign key: a fact is written whatever has become of the account.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code, HexId

TRUNK_OF: Final = "CASE WHEN trunk LIKE 'phone-%' THEN 'phone' ELSE split_part(trunk, '~', 1) END"
"""SQL of the trunk that a call came by, from its endpoint: a trunk may have several in Asterisk, and each browser's
test telephone is one of its own."""


class Contact(Base):
    __tablename__ = "contacts"
    __table_args__ = (
        CheckConstraint("direction IN ('inbound','outbound')", name="direction"),
        CheckConstraint("ended_by IN ('caller','agent','system')", name="ended_by"),
        # Newest first, page by page.
        Index("ix_contacts_started_at_id", "started_at", "id"),
        Index("ix_contacts_caller_number_started_at", "caller_number", "started_at"),
        Index("ix_contacts_customer_id_started_at", "customer_id", "started_at"),
        Index("ix_contacts_answered_by_started_at", "answered_by", "started_at"),
        Index("ix_contacts_drill", "id", postgresql_where=text("drill")),
        Index("ix_contacts_open", "id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    direction: Mapped[Code] = mapped_column(server_default="inbound")
    purpose: Mapped[Code] = mapped_column(server_default="")
    """Of a call that we made: ``call``, ``return_visit`` or ``callback``."""
    hotline: Mapped[Code] = mapped_column(server_default="")
    trunk: Mapped[Code] = mapped_column(server_default="")
    caller_number: Mapped[Code] = mapped_column(server_default="")
    """As the trunk gave it; empty when withheld. For outbound calls the number called."""
    customer_id: Mapped[str | None] = mapped_column(HexId, ForeignKey("customers.id", ondelete="SET NULL"))
    flow: Mapped[Code] = mapped_column(server_default="")
    flow_version: Mapped[Code] = mapped_column(server_default="")
    language: Mapped[Code] = mapped_column(server_default="zh-CN")
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[Code | None]
    ended_by: Mapped[Code | None]
    queue: Mapped[Code | None]
    """The last queue the call waited in."""
    answered_by: Mapped[str | None] = mapped_column(HexId)
    """The first agent who answered."""
    transfers: Mapped[int] = mapped_column(server_default="0")
    drill: Mapped[bool] = mapped_column(server_default=false())
    menu_trace: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    """``ivr.messages.TraceEntry`` values in order."""
    node: Mapped[Code] = mapped_column(server_default="")


class SegmentRow(Base):
    """One stretch of a call, credited to one agent at most."""

    __tablename__ = "segments"
    __table_args__ = (
        UniqueConstraint("contact_id", "track", "seq"),
        Index("ix_segments_agent_id_started_at", "agent_id", "started_at"),
        Index("ix_segments_queue", "queue", "contact_id", postgresql_where=text("queue IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    contact_id: Mapped[str] = mapped_column(HexId, ForeignKey(Contact.id, ondelete="CASCADE"))
    track: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """0: what the caller lived through, without gap or overlap. 1: what colleagues who were asked did beside it."""
    seq: Mapped[int]
    kind: Mapped[Code]
    agent_id: Mapped[str | None] = mapped_column(HexId)
    queue: Mapped[Code | None]
    number: Mapped[Code | None]
    """Of the telephone outside that was asked, dialled or talked with, beside the contact's own."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    result: Mapped[Code | None]


class JournalRow(Base):
    """One event of one call, numbered from 1. ``version`` is that of the payload's format."""

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_at", "at", postgresql_using="brin"),)

    call_id: Mapped[str] = mapped_column(HexId, primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[Code]
    version: Mapped[int] = mapped_column(SmallInteger)
    payload: Mapped[dict[str, Any]]


class CallStanding(Base):
    """How a live call stands after its event ``seq``: what a standby takes it up from. A call that is over has none."""

    __tablename__ = "call_standings"

    call_id: Mapped[str] = mapped_column(HexId, ForeignKey(Contact.id, ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int]
    standing: Mapped[str]
    """See :mod:`callcenter.calls.standing`. Text: PostgreSQL is to keep it, not to look into it."""


class Rating(Base):
    """A caller's answer to a survey question; one for each question of a call."""

    __tablename__ = "ratings"

    contact_id: Mapped[str] = mapped_column(HexId, primary_key=True)
    question: Mapped[Code] = mapped_column(primary_key=True)
    score: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)


class Incident(Base):
    """Something that should not have been: told to operations, kept until somebody closes it."""

    __tablename__ = "incidents"
    __table_args__ = (
        Index("ix_incidents_open", "at", postgresql_where=text("resolved_at IS NULL")),
        # Open ones first, then newest first.
        Index("ix_incidents_listed", text("(resolved_at IS NOT NULL)"), text("at DESC"), text("id DESC")),
        Index("uq_incidents_open_key", "key", unique=True, postgresql_where=text("resolved_at IS NULL AND key <> ''")),
        CheckConstraint("severity IN ('warning','error')", name="severity"),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[Code]
    text: Mapped[str]
    """In English; pages say it in their own language, by kind and facts."""
    facts: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """What the sentence is about, by name: ``trunk``, ``value`` …"""
    call_id: Mapped[str | None] = mapped_column(HexId)
    agent_id: Mapped[str | None] = mapped_column(HexId)
    severity: Mapped[Code] = mapped_column(server_default="error")
    key: Mapped[Code] = mapped_column(server_default="")
    """What is wrong, where it is a state that ends by itself (``trunk:north``): one open incident a key."""
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(HexId)
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(HexId)
    """None with ``resolved_at``: it ended by itself."""
    note: Mapped[str] = mapped_column(server_default="")
