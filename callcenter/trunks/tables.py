"""What is kept of trunks: those taken out, so that a restart does not put a bad one back; each day's calls."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code, HexId


class TrunkOut(Base):
    """A trunk that was taken out of service."""

    __tablename__ = "trunks_out"

    name: Mapped[Code] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    by: Mapped[str | None] = mapped_column(HexId)
    note: Mapped[str] = mapped_column(server_default="")


class TrunkDay(Base):
    """Calls of ours over a trunk on one of the site's days: each attempt counts at the trunk that was tried."""

    __tablename__ = "trunk_days"

    name: Mapped[Code] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    attempts: Mapped[int] = mapped_column(server_default="0")
    answered: Mapped[int] = mapped_column(server_default="0")
