"""What operations decided about a trunk: kept, so that a restart does not put a bad one back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code, HexId


class TrunkOut(Base):
    """A trunk that was taken out of service."""

    __tablename__ = "trunks_out"

    name: Mapped[Code] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    by: Mapped[str | None] = mapped_column(HexId)
    note: Mapped[str] = mapped_column(server_default="")
