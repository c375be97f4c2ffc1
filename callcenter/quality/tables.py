"""How the legs of calls sounded, one row a leg."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code, HexId


class LegSoundRow(Base):
    """See :class:`callcenter.quality.leg.Leg`. ``…_from``: from the telephone to us; ``…_to``: from us to it.

    Without a foreign key, as all facts: the call's own row may come later.
    """

    __tablename__ = "leg_sounds"
    __table_args__ = (Index("ix_leg_sounds_ended_at", "ended_at"),)

    call_id: Mapped[str] = mapped_column(HexId, primary_key=True)
    channel: Mapped[Code] = mapped_column(primary_key=True)
    party: Mapped[Code]
    agent_id: Mapped[str | None] = mapped_column(HexId)
    trunk: Mapped[Code] = mapped_column(server_default="")
    answered_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    received: Mapped[int]
    """Packets."""
    received_lost: Mapped[int]
    received_jitter_ms: Mapped[float]
    sent: Mapped[int]
    sent_lost: Mapped[int | None]
    """None, here and in the next two: the telephone never said (no RTCP)."""
    sent_jitter_ms: Mapped[float | None]
    rtt_ms: Mapped[float | None]
    mos_from: Mapped[float | None]
    mos_to: Mapped[float | None]
    verdict_from: Mapped[Code | None]
    verdict_to: Mapped[Code | None]
