"""Days that are over, summed once: what reports over months are read from.

All of it can be made anew from the calls.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Double, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code, HexId


class CallFact(Base):
    """What became of one stay in a queue (``visit`` from 1), or of a call that came to none (0)."""

    __tablename__ = "call_facts"
    __table_args__ = (Index("ix_call_facts_at", "at"),)

    contact_id: Mapped[str] = mapped_column(HexId, primary_key=True)
    visit: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    day: Mapped[date]
    """The site's, on which the call began: what is summed, and taken back, together."""
    at: Mapped[datetime]
    """When the stay began, or the call."""
    hotline: Mapped[Code]
    trunk: Mapped[Code]
    queue: Mapped[Code | None]
    agent_id: Mapped[str | None] = mapped_column(HexId)
    """Who answered."""
    fate: Mapped[Code]
    """``answered``, ``hung_up``, ``left``; without a stay ``menu``, ``refused``, ``reached``, ``not_reached``."""
    wait_s: Mapped[float | None] = mapped_column(Double)
    caller_fate: Mapped[Code | None]
    """The same over all stays of the call; on its first row alone."""
    caller_wait_s: Mapped[float | None] = mapped_column(Double)
    talk_s: Mapped[float] = mapped_column(Double)
    hold_s: Mapped[float] = mapped_column(Double)
    wrap_s: Mapped[float] = mapped_column(Double)
    ratings: Mapped[int] = mapped_column(SmallInteger)
    score: Mapped[int]


class AgentSlot(Base):
    """What one agent did in a quarter of an hour."""

    __tablename__ = "agent_slots"
    __table_args__ = (Index("ix_agent_slots_agent_id_slot", "agent_id", "slot"),)

    slot: Mapped[datetime] = mapped_column(primary_key=True)
    """When it began."""
    agent_id: Mapped[str] = mapped_column(HexId, primary_key=True)
    answered: Mapped[int]
    offers: Mapped[int]
    missed: Mapped[int]
    transfers: Mapped[int]
    outbound: Mapped[int]
    reached: Mapped[int]
    ratings: Mapped[int]
    score: Mapped[int]
    staffed_s: Mapped[float] = mapped_column(Double)
    ready_s: Mapped[float] = mapped_column(Double)
    ring_s: Mapped[float] = mapped_column(Double)
    talk_s: Mapped[float] = mapped_column(Double)
    hold_s: Mapped[float] = mapped_column(Double)
    wrap_s: Mapped[float] = mapped_column(Double)
    break_s: Mapped[float] = mapped_column(Double)
    lost_s: Mapped[float] = mapped_column(Double)


class AgentBreakSlot(Base):
    """Of that, the time on a break, by reason."""

    __tablename__ = "agent_break_slots"

    slot: Mapped[datetime] = mapped_column(primary_key=True)
    agent_id: Mapped[str] = mapped_column(HexId, primary_key=True)
    reason: Mapped[Code] = mapped_column(primary_key=True)
    seconds: Mapped[float] = mapped_column(Double)


class SummedUntil(Base):
    """One row: all days before this one are summed, the others are read from the calls themselves."""

    __tablename__ = "summed_until"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    day: Mapped[date]


class ShrinkageRow(Base):
    """One row: how much of their time the house says people cannot take calls; null: the records tell."""

    __tablename__ = "shrinkage"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("in_office BETWEEN 0 AND 0.5", name="in_office"),
        CheckConstraint("out_of_office BETWEEN 0 AND 0.5", name="out_of_office"),
    )

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    in_office: Mapped[float | None] = mapped_column(Double)
    """Of the time logged on."""
    out_of_office: Mapped[float | None] = mapped_column(Double)
    """Of the time rostered."""


class MonthlyReport(Base):
    """A month's service report as it was made: of one department, or (empty) of the house."""

    __tablename__ = "monthly_reports"

    month: Mapped[date] = mapped_column(primary_key=True)
    """Its first day."""
    department: Mapped[Code] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    calls: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """What the list shows of it: offered, or outcomes routed to the department."""
    content: Mapped[dict[str, Any]]
