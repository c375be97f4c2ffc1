"""Kinds of shifts, who works which on which date, requests about it, minimums, and calendar links."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Time, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code, HexId


class ShiftRow(Base):
    """Wall-clock times of the site; ``ends`` before ``begins`` is on the next day."""

    __tablename__ = "roster_shifts"
    __table_args__ = (CheckConstraint("begins <> ends", name="length"),)

    code: Mapped[Code] = mapped_column(primary_key=True)
    title: Mapped[str]
    title_en: Mapped[str] = mapped_column(server_default="")
    begins: Mapped[time] = mapped_column(Time)
    ends: Mapped[time] = mapped_column(Time)
    on_call: Mapped[bool] = mapped_column(server_default=false())
    active: Mapped[bool] = mapped_column(server_default=true())
    position: Mapped[int] = mapped_column(server_default="0")


class AssignmentRow(Base):
    """``day`` is the date the shift begins on, at the site."""

    __tablename__ = "roster_assignments"
    __table_args__ = (
        UniqueConstraint("account_id", "day", "shift"),
        Index("ix_roster_assignments_day", "day"),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    account_id: Mapped[str] = mapped_column(HexId, ForeignKey("accounts.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)
    shift: Mapped[Code] = mapped_column(ForeignKey(ShiftRow.code))
    note: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AbsenceRow(Base):
    """Leave, and wishes for the planner; both ends included. Only approved leave keeps an agent off the roster."""

    __tablename__ = "roster_absences"
    __table_args__ = (
        CheckConstraint("kind IN ('leave','sick','training','wish_off','wish_shift')", name="kind"),
        CheckConstraint("state IN ('requested','approved','refused')", name="state"),
        CheckConstraint("last_day >= first_day", name="days"),
        Index("ix_roster_absences_account_id_first_day", "account_id", "first_day"),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    account_id: Mapped[str] = mapped_column(HexId, ForeignKey("accounts.id", ondelete="CASCADE"))
    kind: Mapped[Code]
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    shift: Mapped[Code | None] = mapped_column(ForeignKey(ShiftRow.code))
    """Of a wish for a shift."""
    state: Mapped[Code] = mapped_column(server_default="requested")
    note: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(HexId)
    decided_at: Mapped[datetime | None]


class SwapRow(Base):
    """One agent's shift for another's, or given away when ``other_assignment_id`` is null."""

    __tablename__ = "roster_swaps"
    __table_args__ = (
        CheckConstraint("state IN ('requested','approved','refused')", name="state"),
        Index("ix_roster_swaps_state", "state"),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    assignment_id: Mapped[str] = mapped_column(HexId, ForeignKey(AssignmentRow.id, ondelete="CASCADE"))
    to_account_id: Mapped[str] = mapped_column(HexId, ForeignKey("accounts.id", ondelete="CASCADE"))
    other_assignment_id: Mapped[str | None] = mapped_column(HexId, ForeignKey(AssignmentRow.id, ondelete="CASCADE"))
    state: Mapped[Code] = mapped_column(server_default="requested")
    note: Mapped[str] = mapped_column(server_default="")
    asked_by: Mapped[str] = mapped_column(HexId)
    agreed_at: Mapped[datetime | None]
    """When the colleague said yes; a lead may decide before."""
    created_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(HexId)
    decided_at: Mapped[datetime | None]


class MinimumRow(Base):
    """How many there must be; queue and skill empty: whoever."""

    __tablename__ = "roster_minimums"
    __table_args__ = (
        CheckConstraint("need BETWEEN 1 AND 1000", name="need"),
        CheckConstraint("level BETWEEN 1 AND 10", name="level"),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    begins: Mapped[time] = mapped_column(Time)
    ends: Mapped[time] = mapped_column(Time)
    """At or before ``begins``: over midnight."""
    need: Mapped[int]
    queue: Mapped[Code] = mapped_column(server_default="")
    skill: Mapped[Code] = mapped_column(server_default="")
    level: Mapped[int] = mapped_column(server_default="1")


class FeedRow(Base):
    """An agent's calendar link. Only the SHA-256 of its secret is kept; a new one makes the last void."""

    __tablename__ = "roster_feeds"

    account_id: Mapped[str] = mapped_column(HexId, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
